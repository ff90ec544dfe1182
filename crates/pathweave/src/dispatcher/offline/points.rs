//! Rows of numbers and the distances between them, on the host.

/// Sums that run beside each other; their order is fixed, so the bits are too.
const LANES: usize = 8;

/// Points of equal width, row by row. [P, F]
#[derive(Clone, Copy, Debug)]
pub struct Points<'a> {
    values: &'a [f32],
    width: usize,
}

impl<'a> Points<'a> {
    /// `values` [P, width], row-major.
    ///
    /// # Panics
    /// If they are no whole number of rows, or the width is 0.
    pub fn new(values: &'a [f32], width: usize) -> Self {
        assert!(width > 0 && values.len().is_multiple_of(width), "rows of {width} numbers");
        Self { values, width }
    }

    /// P
    pub fn len(&self) -> usize {
        self.values.len() / self.width
    }

    /// True where there is no point.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// F
    pub fn width(&self) -> usize {
        self.width
    }

    /// All numbers, row-major.
    pub fn values(&self) -> &'a [f32] {
        self.values
    }

    /// One point. \[F\]
    pub fn row(&self, point: usize) -> &'a [f32] {
        &self.values[point * self.width..][..self.width]
    }

    /// The nearest of these points, the first of equally near ones.
    ///
    /// # Panics
    /// If there is none.
    pub fn nearest(&self, to: &[f32]) -> u32 {
        let distances = (0..self.len()).map(|point| squared_distance(self.row(point), to));
        let (nearest, _) = distances
            .enumerate()
            .reduce(|best, next| if next.1 < best.1 { next } else { best })
            .expect("there is a point");
        nearest as u32
    }

    /// Squared distances between all pairs. [P, P]
    pub fn squared_distances(&self) -> Vec<f64> {
        let count = self.len();
        let mut distances = vec![0.0; count * count];
        for first in 0..count {
            for second in 0..first {
                let distance = squared_distance(self.row(first), self.row(second));
                distances[first * count + second] = distance;
                distances[second * count + first] = distance;
            }
        }
        distances
    }
}

/// Σ (a − b)²
pub fn squared_distance(a: &[f32], b: &[f32]) -> f64 {
    let mut sums = [0.0f64; LANES];
    let ((a, tail_a), (b, tail_b)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let square = |(a, b): (&f32, &f32)| f64::from(a - b).powi(2);
    for (a, b) in a.iter().zip(b) {
        for (sum, pair) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += square(pair);
        }
    }
    sums.iter().sum::<f64>() + tail_a.iter().zip(tail_b).map(square).sum::<f64>()
}
