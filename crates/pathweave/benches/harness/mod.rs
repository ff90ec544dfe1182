//! Interleaved timing: each round runs every contender once, in rotating order, so that a slow
//! moment of the machine falls on all of them alike.

mod options;
mod report;
mod twin;

use std::time::Instant;

pub use options::Options;
pub use report::Report;
pub use twin::Twin;

/// Something of ours to time: its name and one repetition.
pub type Ours<'a> = (&'static str, &'a mut dyn FnMut());

/// What is timed against each other.
pub struct Case<'a> {
    /// First column of the table
    pub name: String,
    /// Repetitions a round; the round's number is their mean
    pub repeat: usize,
    /// The first one is what the others are compared with
    pub ours: Vec<Ours<'a>>,
    /// What to ask the twin for, and how to call it in the table
    pub asked: Vec<(String, &'static str)>,
}

/// Milliseconds a repetition, round by round.
pub struct Times {
    /// Who
    pub name: &'static str,
    /// One number a round
    pub rounds: Vec<f64>,
}

impl Case<'_> {
    /// Runs all rounds. Without a twin only ours are timed.
    pub fn run(mut self, rounds: usize, twin: &mut Option<Twin>) -> (String, Vec<Times>) {
        let here = self.ours.len();
        let there = if twin.is_some() { self.asked.len() } else { 0 };
        let mut times: Vec<Times> = self
            .ours
            .iter()
            .map(|(name, _)| *name)
            .chain(self.asked.iter().take(there).map(|(_, name)| *name))
            .map(|name| Times { name, rounds: Vec::with_capacity(rounds) })
            .collect();
        for round in 0..rounds {
            for turn in 0..here + there {
                let who = (turn + round) % (here + there);
                let spent = match (self.ours.get_mut(who), twin.as_mut()) {
                    (Some((_, run)), _) => time(self.repeat, run),
                    (None, Some(twin)) => twin.time(&self.asked[who - here].0, self.repeat),
                    (None, None) => unreachable!("nobody is asked without a twin"),
                };
                times[who].rounds.push(spent);
            }
        }
        (self.name, times)
    }
}

/// One repetition to bring code and data back into the caches that the others used, then the mean
/// of `repeat` repetitions. The twins do the same.
fn time(repeat: usize, run: &mut dyn FnMut()) -> f64 {
    run();
    let start = Instant::now();
    for _ in 0..repeat {
        run();
    }
    start.elapsed().as_secs_f64() * 1e3 / repeat as f64
}
