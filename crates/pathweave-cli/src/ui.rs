//! Progress on standard error: bars on a terminal, plain lines elsewhere, nothing when quiet.

use std::cell::Cell;
use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::options::RunOptions;

/// Least time between two lines of one bar where there are no bars.
const LINE_EVERY: Duration = Duration::from_secs(20);

/// Where progress goes. Cheap to clone; clones draw on the same terminal.
#[derive(Clone, Debug)]
pub struct Ui {
    bars: MultiProgress,
    manner: Manner,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    Quiet,
    Lines,
    Bars,
}

impl Ui {
    /// By `--quiet`, and by whether standard error is a terminal.
    pub fn new(options: &RunOptions) -> Self {
        let manner = match (options.quiet, stderr().is_terminal()) {
            (true, _) => Manner::Quiet,
            (false, true) => Manner::Bars,
            (false, false) => Manner::Lines,
        };
        let target = match manner {
            Manner::Bars => ProgressDrawTarget::stderr(),
            _ => ProgressDrawTarget::hidden(),
        };
        Self { bars: MultiProgress::with_draw_target(target), manner }
    }

    /// A line of progress; above the bars where there are some.
    pub fn line(&self, text: &str) {
        match self.manner {
            Manner::Quiet => {}
            Manner::Lines => eprintln!("{text}"),
            // A terminal that went away is no reason to stop a run.
            Manner::Bars => self.bars.println(text).unwrap_or_default(),
        }
    }

    /// A bar of `total` units (steps, bytes) under this name.
    pub fn bar(&self, name: &str, total: u64) -> Bar {
        let style =
            ProgressStyle::with_template("{prefix:28!} {bar:24} {percent:>3}% {msg} {eta:>4} left")
                .expect("the template is right");
        let bar = self.bars.add(ProgressBar::new(total).with_style(style));
        bar.set_prefix(name.to_owned());
        if self.manner == Manner::Bars {
            bar.enable_steady_tick(Duration::from_millis(500));
        }
        Bar { bar, ui: self.clone(), name: name.to_owned(), told: Cell::new(Instant::now()) }
    }
}

impl Ui {
    /// A bar that comes and goes and leaves no line: for the runs of a sweep.
    pub fn passing(&self, name: &str) -> Bar {
        let bar = self.bar(name, 0);
        let manner = if self.manner == Manner::Bars { Manner::Bars } else { Manner::Quiet };
        Bar { ui: Self { manner, ..self.clone() }, ..bar }
    }
}

/// One line of progress.
#[derive(Debug)]
pub struct Bar {
    bar: ProgressBar,
    ui: Ui,
    name: String,
    told: Cell<Instant>,
}

impl Bar {
    /// Sets how many units there are.
    pub fn total(&self, total: u64) {
        self.bar.set_length(total);
    }

    /// Starts at `position`: what was done before does not count for the time left.
    pub fn resume(&self, position: u64) {
        self.bar.set_position(position);
        self.bar.reset_eta();
    }

    /// Moves to `position`.
    pub fn at(&self, position: u64) {
        self.bar.set_position(position);
    }

    /// A short text beside the bar; now and then a line of its own where there are no bars.
    pub fn note(&self, text: &str) {
        self.bar.set_message(text.to_owned());
        if self.ui.manner == Manner::Lines && self.told.get().elapsed() >= LINE_EVERY {
            self.ui.line(&format!("{}: {text}", self.name));
            self.told.set(Instant::now());
        }
    }

    /// A line of its own about this bar's run.
    pub fn alarm(&self, text: &str) {
        self.ui.line(&format!("{}: alarm: {text}", self.name));
    }

    /// Ends the bar and leaves nothing.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }

    /// Ends the bar and leaves one line.
    pub fn finish(&self, text: &str) {
        self.bar.finish_and_clear();
        self.ui.line(&format!("{}: {text}", self.name));
    }
}
