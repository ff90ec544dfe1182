//! Shape assertions that read like the doc line above them.

/// Panics with both shapes where a tensor's dimensions are not the expected ones.
#[macro_export]
macro_rules! assert_shape {
    ($tensor:expr, $expected:expr) => {{
        let found = $tensor.dims();
        let expected = $expected;
        assert!(
            found == expected,
            "{} has shape {found:?}, expected {expected:?}",
            stringify!($tensor)
        );
    }};
}
