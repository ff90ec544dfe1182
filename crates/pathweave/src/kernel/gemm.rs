//! A safe door to the `gemm` crate, for dense row-major slices on one thread.

/// Element types that the kernels are written for.
pub trait Real: burn::tensor::Element + bytemuck::Pod + std::ops::AddAssign + PartialOrd {
    /// Zero.
    const ZERO: Self;
    /// One.
    const ONE: Self;
}

impl Real for f32 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
}

impl Real for f64 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
}

/// A dense matrix in a slice, seen as it lies or transposed.
#[derive(Clone, Copy)]
pub struct Matrix<'a, E> {
    values: &'a [E],
    rows: usize,
    columns: usize,
    transposed: bool,
}

impl<'a, E: Real> Matrix<'a, E> {
    /// The row-major matrix `[rows, columns]` in `values`.
    pub fn new(values: &'a [E], rows: usize, columns: usize) -> Self {
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
pub fn multiply<E: Real>(out: &mut [E], add: bool, a: Matrix<'_, E>, b: Matrix<'_, E>) {
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
            E::ONE,
            E::ONE,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}
