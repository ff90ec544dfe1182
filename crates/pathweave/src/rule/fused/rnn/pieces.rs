//! Short pieces of rows, which the compiler keeps in vectors.

/// Columns that are computed together.
pub const PIECE: usize = 32;

/// Numbers of neighbouring columns.
pub type Piece = [f32; PIECE];

/// Rows of equal length in somebody's memory.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    data: &'a [f32],
    columns: usize,
    stride: usize,
}

impl<'a> Rows<'a> {
    /// `columns` of each row from column `first` on, rows `stride` numbers apart.
    pub fn new(data: &'a [f32], first: usize, columns: usize, stride: usize) -> Self {
        Self { data: data.get(first..).unwrap_or_default(), columns, stride }
    }

    /// Columns from `at` on of a row; zeros behind its end.
    #[inline(always)]
    pub fn piece(&self, row: usize, at: usize) -> Piece {
        load(&self.data[row * self.stride..row * self.stride + self.columns], at)
    }
}

/// As [`Rows`], to write.
pub struct RowsMut<'a> {
    data: &'a mut [f32],
    columns: usize,
    stride: usize,
}

impl<'a> RowsMut<'a> {
    /// `columns` of each row from column `first` on, rows `stride` numbers apart.
    pub fn new(data: &'a mut [f32], first: usize, columns: usize, stride: usize) -> Self {
        Self { data: data.get_mut(first..).unwrap_or_default(), columns, stride }
    }

    /// Columns from `at` on of a row; zeros behind its end.
    #[inline(always)]
    pub fn piece(&self, row: usize, at: usize) -> Piece {
        load(&self.data[row * self.stride..row * self.stride + self.columns], at)
    }

    /// Writes columns from `at` on of a row, as many as it has.
    #[inline(always)]
    pub fn put(&mut self, row: usize, at: usize, piece: &Piece) {
        let row = &mut self.data[row * self.stride..row * self.stride + self.columns][at..];
        match row.first_chunk_mut::<PIECE>() {
            Some(whole) => *whole = *piece,
            None => row.copy_from_slice(&piece[..row.len()]),
        }
    }

    /// Adds to columns from `at` on of a row.
    #[inline(always)]
    pub fn add(&mut self, row: usize, at: usize, piece: &Piece) {
        let mut sum = self.piece(row, at);
        sum.iter_mut().zip(piece).for_each(|(sum, value)| *sum += value);
        self.put(row, at, &sum);
    }
}

#[inline(always)]
fn load(row: &[f32], at: usize) -> Piece {
    let row = &row[at..];
    match row.first_chunk::<PIECE>() {
        Some(whole) => *whole,
        None => {
            let mut piece = [0.0; PIECE];
            piece[..row.len()].copy_from_slice(row);
            piece
        }
    }
}

/// Σ of a piece, folded in the middle.
#[inline(always)]
pub fn sum(mut piece: Piece) -> f32 {
    let mut half = PIECE / 2;
    while half > 0 {
        let (low, high) = piece.split_at_mut(half);
        low.iter_mut().zip(&*high).for_each(|(low, high)| *low += high);
        half /= 2;
    }
    piece[0]
}

/// max(x, 0) that keeps NaN.
#[inline(always)]
pub fn relu(x: f32) -> f32 {
    if x < 0.0 { 0.0 } else { x }
}
