//! Lines with an interval around every point, the data of [`super::CurvePlot`] and
//! [`super::LinesByX`].

/// A point of a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Place on the horizontal axis.
    pub x: f64,
    /// Mean.
    pub y: f64,
    /// Half width of the 95 % interval around the mean, where there is one.
    pub error: Option<f64>,
}

/// A named line.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Name in the legend; lines of one name look alike in every panel.
    pub label: String,
    /// Points in the order in which they are joined. A value that is not finite breaks the line.
    pub points: Vec<Point>,
}

impl Line {
    /// The mean of several seeds' curves at every x that any of them has, in ascending x.
    ///
    /// `half_width` turns the values at one x into the half width of their interval, `None` for
    /// too few. Values that are not finite are left out of both.
    pub fn over_seeds(
        label: impl Into<String>,
        seeds: &[Vec<(f64, f64)>],
        half_width: impl Fn(&[f64]) -> Option<f64>,
    ) -> Self {
        let mut all: Vec<(f64, f64)> = seeds
            .iter()
            .flatten()
            .copied()
            .filter(|(x, y)| x.is_finite() && y.is_finite())
            .collect();
        // The sort is stable: at one x the values stay in the order of the seeds.
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        let points = all
            .chunk_by(|a, b| a.0 == b.0)
            .map(|group| {
                let values: Vec<f64> = group.iter().map(|&(_, y)| y).collect();
                let y = values.iter().sum::<f64>() / values.len() as f64;
                Point { x: group[0].0, y, error: half_width(&values) }
            })
            .collect();
        Self { label: label.into(), points }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_averaged_at_each_x() {
        let seeds = vec![vec![(1.0, 2.0), (2.0, 4.0)], vec![(2.0, 6.0), (1.0, f64::NAN)], vec![]];
        let line = Line::over_seeds("a", &seeds, |v| (v.len() > 1).then(|| v[1] - v[0]));
        assert_eq!(
            line.points,
            [Point { x: 1.0, y: 2.0, error: None }, Point { x: 2.0, y: 5.0, error: Some(2.0) }]
        );
    }
}
