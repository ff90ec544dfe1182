//! The yardstick: the `gemm` crate on dense row-major slices, one thread.

/// A dense matrix in a slice, seen as it lies or transposed.
#[derive(Clone, Copy)]
pub struct Matrix<'a> {
    values: &'a [f32],
    rows: usize,
    columns: usize,
    transposed: bool,
}

impl<'a> Matrix<'a> {
    /// The row-major matrix `[rows, columns]` in `values`.
    pub fn new(values: &'a [f32], rows: usize, columns: usize) -> Self {
        assert_eq!(values.len(), rows * columns, "a matrix must fill its slice");
        Self { values, rows, columns, transposed: false }
    }

    /// The same values seen as the transpose.
    pub fn t(self) -> Self {
        Self { transposed: !self.transposed, ..self }
    }

    fn shape(&self) -> (usize, usize) {
        if self.transposed { (self.columns, self.rows) } else { (self.rows, self.columns) }
    }

    /// (row stride, column stride) as the product reads it.
    fn strides(&self) -> (isize, isize) {
        let width = self.columns as isize;
        if self.transposed { (1, width) } else { (width, 1) }
    }
}

/// `out (+)= a · b` with `out` row-major `[rows of a, columns of b]`; adds to `out` where `add`.
pub fn multiply(out: &mut [f32], add: bool, a: Matrix<'_>, b: Matrix<'_>) {
    let ((m, k), (k_b, n)) = (a.shape(), b.shape());
    assert_eq!(k, k_b, "inner dimensions must agree");
    assert_eq!(out.len(), m * n, "the product must fill its slice");
    let ((a_rows, a_columns), (b_rows, b_columns)) = (a.strides(), b.strides());
    // SAFETY: the three slices were checked against their shapes, and the strides address only
    // positions inside them.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            out.as_mut_ptr(),
            1,
            n as isize,
            add,
            a.values.as_ptr(),
            a_columns,
            a_rows,
            b.values.as_ptr(),
            b_columns,
            b_rows,
            1.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}
