//! Lines: points near straight lines of one dimension, the data of the routing toys of T 4.3 and
//! 4.4 (figures 4.3 a and 4.4 a).
//!
//! # Deviations
//! - The thesis draws its points and gives no numbers for them. Here line number m of k lies over
//!   the m-th of k equal parts of [−1, 1], shrunk by a gap, so that a router that sees x alone can
//!   tell the lines apart; `gap` below zero lets neighbours overlap.

use serde::{Deserialize, Serialize};

use super::{DatasetInfo, Loader};
use crate::batch::Split;
use crate::streams::Streams;

/// y = slope · x + intercept.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Rise for a step of one in x
    pub slope: f32,
    /// y at x = 0
    pub intercept: f32,
}

impl Line {
    /// y on the line.
    pub fn at(self, x: f32) -> f32 {
        self.slope * x + self.intercept
    }
}

/// Settings of `lines`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LinesSpec {
    /// Seed of places and noise
    pub seed: u64,
    /// The lines, from left to right
    pub lines: Vec<Line>,
    /// Training points of each line
    pub points: usize,
    /// Test points of each line
    pub test_points: usize,
    /// Standard deviation of the normal noise on y
    pub noise: f32,
    /// Distance between neighbouring lines' parts of [−1, 1]; below zero they overlap
    pub gap: f32,
}

impl Default for LinesSpec {
    /// Two lines that cross, as in figure 4.3.
    fn default() -> Self {
        Self {
            seed: 0,
            lines: vec![Line { slope: 1.5, intercept: 1.5 }, Line { slope: -1.5, intercept: 0.0 }],
            points: 40,
            test_points: 200,
            noise: 0.1,
            gap: 0.2,
        }
    }
}

/// Points, in random order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LinePoints {
    /// Places, in [−1, 1] where no lines overlap. \[B\]
    pub x: Vec<f32>,
    /// Noisy heights. \[B\]
    pub y: Vec<f32>,
    /// Line that each point belongs to. \[B\]
    pub line: Vec<u32>,
}

impl LinePoints {
    /// B
    pub fn len(&self) -> usize {
        self.x.len()
    }

    /// True where there is no point.
    pub fn is_empty(&self) -> bool {
        self.x.is_empty()
    }
}

impl LinesSpec {
    /// What there is to know about the data set.
    pub const INFO: DatasetInfo = DatasetInfo {
        name: "lines",
        what: "points near straight lines of one dimension; drawn for the routing toys alone",
        source: "T 4.3, 4.4 (figures 4.3, 4.4)",
        files: &[],
        licence: "none: random numbers",
        loader: Loader::Drawn,
    };

    /// What is wrong with the settings: (key, found, allowed).
    pub fn faults(&self) -> Vec<(&'static str, String, &'static str)> {
        let mut faults = Vec::new();
        if self.lines.is_empty() {
            faults.push(("lines", "none".into(), "at least one line"));
        }
        let numbers = self.lines.iter().flat_map(|line| [line.slope, line.intercept]);
        if let Some(value) = numbers.into_iter().find(|value| !value.is_finite()) {
            faults.push(("lines", value.to_string(), "finite numbers"));
        }
        if !(self.noise >= 0.0 && self.noise.is_finite()) {
            faults.push(("noise", self.noise.to_string(), "a finite number of at least 0"));
        }
        if !(self.gap.is_finite() && self.gap < 2.0 / self.lines.len().max(1) as f32) {
            faults.push(("gap", self.gap.to_string(), "less than a line's part of [-1, 1]"));
        }
        faults
    }

    /// The points of a split; other splits than training and test have none. Settings with [`Self::faults`] give
    /// points that mean nothing.
    pub fn draw(&self, split: Split) -> LinePoints {
        let (name, each) = match split {
            Split::Train => ("lines/train", self.points),
            Split::Before | Split::Validation => ("lines/validation", 0),
            Split::Test => ("lines/test", self.test_points),
        };
        let mut stream = Streams::new(self.seed).stream(name, 0);
        let count = each * self.lines.len();
        let (mut places, mut noise) = (vec![0.0f32; count], vec![0.0f32; count]);
        stream.fill_uniform(&mut places);
        stream.fill_normal(&mut noise);
        let mut order: Vec<usize> = (0..count).collect();
        stream.shuffle(&mut order);
        let part = 2.0 / self.lines.len().max(1) as f32;
        let mut points = LinePoints::default();
        for index in order {
            let line = index % self.lines.len();
            let from = -1.0 + part * line as f32 + self.gap / 2.0;
            let x = from + (part - self.gap) * places[index];
            points.x.push(x);
            points.y.push(self.lines[line].at(x) + self.noise * noise[index]);
            points.line.push(line as u32);
        }
        points
    }
}
