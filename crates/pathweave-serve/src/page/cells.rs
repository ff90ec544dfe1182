//! How numbers, times and states are written.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pathweave_store::State;
use pathweave_store::index::Cell;

use super::html::{esc, put, short};

/// What stands where there is nothing.
pub(crate) const NOTHING: &str = "<span class=\"none\">–</span>";

/// A measured number: about four digits, equal decimals for numbers of alike size.
pub(crate) fn number(value: f64) -> String {
    let size = value.abs();
    let text = match size {
        _ if !value.is_finite() => return value.to_string(),
        _ if value == value.trunc() && size < 1e9 => return whole(value),
        _ if !(1e-4..1e9).contains(&size) => format!("{value:.2e}"),
        _ if size < 10.0 => format!("{value:.4}"),
        _ if size < 1000.0 => format!("{value:.2}"),
        _ => format!("{value:.0}"),
    };
    text.replacen('-', "−", 1)
}

fn whole(value: f64) -> String {
    let sign = if value < 0.0 { "−" } else { "" };
    format!("{sign}{}", count(value.abs() as u64))
}

/// A number of things, with commas between thousands.
pub(crate) fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// One thing or several.
pub(crate) fn counted(value: u64, one: &str, several: &str) -> String {
    format!("{} {}", count(value), if value == 1 { one } else { several })
}

/// How the numbers of one column are written: alike, so that their points stand below each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// With so many decimals
    Fixed(usize),
    /// Each by itself: their sizes differ too much
    Each,
}

impl Style {
    /// The style that fits these numbers.
    pub(crate) fn of(values: impl Iterator<Item = f64>) -> Self {
        let sizes = values.filter(|value| value.is_finite()).map(f64::abs);
        let whole = |size: f64| size == size.trunc();
        let (largest, whole) = sizes
            .fold((0.0_f64, true), |(largest, all), size| (largest.max(size), all && whole(size)));
        match largest {
            _ if whole => Self::Each,
            1e-3..10.0 => Self::Fixed(4),
            10.0..1000.0 => Self::Fixed(2),
            1000.0..1e9 => Self::Fixed(0),
            _ => Self::Each,
        }
    }

    pub(crate) fn text(self, value: f64) -> String {
        match self {
            Self::Fixed(digits) if value.is_finite() && value.abs() < 1e9 => {
                let text = format!("{value:.digits$}");
                // What is not zero does not look so.
                let lost = value != 0.0 && !text.contains(|c| ('1'..='9').contains(&c));
                if lost { number(value) } else { text.replacen('-', "−", 1) }
            }
            _ => number(value),
        }
    }
}

/// A cell of a table, and whether it is a number.
pub(crate) fn cell(cell: Option<&Cell>, style: Style) -> (String, bool) {
    match cell {
        Some(Cell::Number(value)) => (style.text(*value), true),
        Some(Cell::Text(text)) => (esc(&short(text, 80)).to_string(), false),
        None => (NOTHING.to_owned(), true),
    }
}

/// A mean with half the width of its interval.
pub(crate) fn interval(mean: Option<f64>, half: Option<f64>, style: Style) -> String {
    match (mean, half) {
        (None, _) => NOTHING.to_owned(),
        (Some(mean), None) => style.text(mean),
        (Some(mean), Some(half)) => {
            let (mean, half) = (style.text(mean), style.text(half));
            format!("{mean} <span class=\"half\">± {half}</span>")
        }
    }
}

/// A state, told by a word and a sign besides its colour.
pub(crate) fn state(state: State) -> String {
    let sign = match state {
        State::Pending => "○",
        State::Running => "◐",
        State::Done => "●",
        State::Failed => "✕",
    };
    let name = state.name();
    format!("<span class=\"state {name}\"><span aria-hidden=\"true\">{sign}</span> {name}</span>")
}

/// How far a run is, as a bar and in steps.
pub(crate) fn progress(step: u64, steps: u64) -> String {
    let mut out = String::new();
    if steps > 0 {
        put!(
            out,
            "<progress max=\"{steps}\" value=\"{}\" aria-label=\"steps\"></progress> ",
            step.min(steps)
        );
        put!(out, "<span class=\"steps\">{} of {}</span>", count(step), count(steps));
    } else {
        put!(out, "<span class=\"steps\">step {}</span>", count(step));
    }
    out
}

/// A moment, in words of how long ago it was.
pub(crate) fn ago(seconds: f64) -> String {
    let Some(moment) = moment(seconds) else { return NOTHING.to_owned() };
    let past = SystemTime::now().duration_since(moment).unwrap_or_default().as_secs();
    let words = match past {
        0..60 => "just now".to_owned(),
        60..3600 => format!("{} min ago", past / 60),
        3600..172_800 => format!("{} h ago", past / 3600),
        _ => format!("{} days ago", past / 86_400),
    };
    let whole = humantime::format_rfc3339_seconds(moment);
    format!("<time datetime=\"{whole}\" title=\"{whole}\">{words}</time>")
}

/// A moment between 1970 and the year 9999; none where the number is none.
fn moment(seconds: f64) -> Option<SystemTime> {
    let sound = seconds > 0.0 && seconds < 253_402_300_800.0;
    sound.then(|| UNIX_EPOCH + Duration::from_secs(seconds as u64))
}

/// A length of time.
pub(crate) fn duration(seconds: f64) -> String {
    match seconds {
        s if !s.is_finite() || s < 0.0 => NOTHING.to_owned(),
        s if s < 100.0 => format!("{s:.1} s"),
        s if s < 6000.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    }
}

/// A size of a file.
pub(crate) fn bytes(size: u64) -> String {
    match size {
        0..1000 => format!("{size} B"),
        1000..1_000_000 => format!("{:.1} kB", size as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", size as f64 / 1e6),
        _ => format!("{:.1} GB", size as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_about_four_digits() {
        let shown = [0.0, 1.0, -3.0, 20_000.0, 0.123_456, -0.5, 12.345, 12_345.6, 1.5e-7, 1.5e12]
            .map(number);
        let want =
            ["0", "1", "−3", "20,000", "0.1235", "−0.5000", "12.35", "12346", "1.50e−7", "1.50e12"];
        assert_eq!(shown, want);
        assert_eq!(number(f64::NAN), "NaN");
        assert_eq!(number(f64::NEG_INFINITY), "-inf");
    }

    #[test]
    fn numbers_of_a_column_have_their_points_below_each_other() {
        let shown = |values: &[f64]| -> Vec<String> {
            let style = Style::of(values.iter().copied());
            values.iter().map(|&value| style.text(value)).collect()
        };
        assert_eq!(shown(&[0.5, 0.0, 1.0, -2.25]), ["0.5000", "0.0000", "1.0000", "−2.2500"]);
        assert_eq!(shown(&[0.5, 1e-7, f64::NAN]), ["0.5000", "1.00e−7", "NaN"]);
        assert_eq!(shown(&[3.0, 12_000.0]), ["3", "12,000"]);
        assert_eq!(shown(&[12.5, 0.001]), ["12.50", "0.0010"]);
        assert_eq!(shown(&[1e-7, 2e-6]), ["1.00e−7", "2.00e−6"]);
        assert_eq!(shown(&[]), Vec::<String>::new());
    }

    #[test]
    fn any_moment_can_be_told() {
        for odd in [f64::NAN, f64::INFINITY, -1.0, 0.0, 1e300] {
            assert_eq!(ago(odd), NOTHING, "{odd}");
        }
        assert!(ago(1.0).contains("1970-01-01T00:00:01Z") && ago(1.0).contains("days ago"));
    }

    #[test]
    fn thousands_are_parted() {
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(counted(1, "run", "runs"), "1 run");
    }
}
