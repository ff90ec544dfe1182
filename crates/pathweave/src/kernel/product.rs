//! Matrix products on plain memory: a thin layer over the crate `gemm`.

use gemm::Parallelism;

use crate::kernel::lanes::Real;

/// A matrix in somebody's memory, by strides.
#[derive(Clone, Copy, Debug)]
pub struct View<'a, T = f32> {
    data: &'a [T],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

impl<'a, T> View<'a, T> {
    /// Row-major without gaps. [rows, columns]
    ///
    /// # Panics
    /// Where `data` is too short.
    pub fn new(data: &'a [T], rows: usize, columns: usize) -> Self {
        Self::strided(data, rows, columns, columns)
    }

    /// Row-major, rows `stride` numbers apart: a part of the columns of a wider matrix.
    ///
    /// # Panics
    /// Where `data` is too short.
    pub fn strided(data: &'a [T], rows: usize, columns: usize, stride: usize) -> Self {
        assert!(holds(data.len(), rows, columns, stride), "{rows} × {columns}: too few numbers");
        Self { data, rows, columns, row_stride: stride, column_stride: 1 }
    }

    /// The transposed matrix; nothing is copied.
    pub fn t(self) -> Self {
        Self {
            data: self.data,
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
        }
    }
}

/// A row-major matrix to write, rows `stride` numbers apart.
#[derive(Debug)]
pub struct Target<'a, T = f32> {
    data: &'a mut [T],
    rows: usize,
    columns: usize,
    stride: usize,
}

impl<'a, T> Target<'a, T> {
    /// Row-major without gaps. [rows, columns]
    ///
    /// # Panics
    /// Where `data` is too short.
    pub fn new(data: &'a mut [T], rows: usize, columns: usize) -> Self {
        Self::strided(data, rows, columns, columns)
    }

    /// Row-major, rows `stride` numbers apart.
    ///
    /// # Panics
    /// Where `data` is too short.
    pub fn strided(data: &'a mut [T], rows: usize, columns: usize, stride: usize) -> Self {
        assert!(holds(data.len(), rows, columns, stride), "{rows} × {columns}: too few numbers");
        Self { data, rows, columns, stride }
    }
}

fn holds(len: usize, rows: usize, columns: usize, stride: usize) -> bool {
    rows == 0 || columns == 0 || (stride >= columns && (rows - 1) * stride + columns <= len)
}

/// C = A·B; what C held does not matter.
///
/// # Panics
/// Where the sizes do not fit.
pub fn product<T: Real>(c: Target<T>, a: View<T>, b: View<T>) {
    compute(c, T::default(), a, b, T::from_f64(1.0));
}

/// C += A·B.
///
/// # Panics
/// Where the sizes do not fit.
pub fn add_product<T: Real>(c: Target<T>, a: View<T>, b: View<T>) {
    compute(c, T::from_f64(1.0), a, b, T::from_f64(1.0));
}

/// C = `beta` · C + `alpha` · A·B, always in one order of summation; where `beta` is 0, C is not
/// read.
///
/// # Panics
/// Where the sizes do not fit.
pub fn compute<T: Real>(c: Target<T>, beta: T, a: View<T>, b: View<T>, alpha: T) {
    let zero = T::default();
    assert_eq!((c.rows, c.columns), (a.rows, b.columns), "the result's size");
    assert_eq!(a.columns, b.rows, "the summed axis");
    if c.rows == 0 || c.columns == 0 {
        return;
    }
    if a.columns == 0 {
        for row in c.data.chunks_mut(c.stride).take(c.rows) {
            row[..c.columns]
                .iter_mut()
                .for_each(|c| *c = if beta == zero { zero } else { beta * *c });
        }
        return;
    }
    // SAFETY: the constructors of views check that every element lies in its slice, and C's slice
    // is borrowed for writing, so that nothing overlaps it.
    unsafe {
        gemm::gemm(
            c.rows,
            c.columns,
            a.columns,
            c.data.as_mut_ptr(),
            1,
            c.stride as isize,
            beta != zero,
            a.data.as_ptr(),
            a.column_stride as isize,
            a.row_stride as isize,
            b.data.as_ptr(),
            b.column_stride as isize,
            b.row_stride as isize,
            beta,
            alpha,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(count: usize, seed: u32) -> Vec<f32> {
        (0..count as u32).map(|i| ((i * 7 + seed * 13) % 17) as f32 / 8.0 - 1.0).collect()
    }

    fn at(view: &View, row: usize, column: usize) -> f64 {
        view.data[row * view.row_stride + column * view.column_stride].into()
    }

    #[test]
    fn products_agree_with_three_loops() {
        for (m, n, k) in [(1, 1, 1), (3, 5, 7), (33, 17, 40), (4, 6, 0), (0, 3, 2), (70, 1, 9)] {
            let (left, right) = (numbers(m * (k + 2), 1), numbers(k * n, 2));
            let (left_t, right_t) = (numbers(k * m, 3), numbers(n * k, 4));
            let lefts = [View::strided(&left, m, k, k + 2), View::new(&left_t, k, m).t()];
            let rights = [View::new(&right, k, n), View::new(&right_t, n, k).t()];
            for (a, b) in lefts.into_iter().flat_map(|a| rights.map(|b| (a, b))) {
                for (beta, alpha) in [(0.0, 1.0), (1.0, 1.0), (0.5, -2.0)] {
                    let before = numbers(m * (n + 1), 5);
                    let mut c = before.clone();
                    if beta == 0.0 {
                        c.fill(f32::NAN);
                    }
                    compute(Target::strided(&mut c, m, n, n + 1), beta, a, b, alpha);
                    for (row, column) in (0..m).flat_map(|row| (0..n).map(move |c| (row, c))) {
                        let sum: f64 = (0..k).map(|i| at(&a, row, i) * at(&b, i, column)).sum();
                        let place = row * (n + 1) + column;
                        let old = f64::from(beta) * f64::from(before[place]);
                        let expected = old + f64::from(alpha) * sum;
                        let found = f64::from(c[place]);
                        assert!((found - expected).abs() < 1e-4, "{m} {n} {k}: {found} {expected}");
                    }
                }
            }
        }
    }
}
