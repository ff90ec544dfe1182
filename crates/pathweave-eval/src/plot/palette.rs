//! Colours that readers with any colour vision can tell apart.
//!
//! The first six are those of Okabe and Ito (Color Universal Design, 2008), whose black and
//! yellow are replaced: black is lost on a dark page and yellow on a white one. From the
//! eleventh series on the colours repeat with another dash, so no two of the first thirty
//! look alike.

/// Hues in order of use.
pub(crate) const COLOURS: [&str; 10] = [
    "#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#7f8790", "#96612c",
    "#7a68d8", "#a09b00",
];

const DASHES: [&str; 3] = ["none", "7 3", "2 2.5"];

/// How one series is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) colour: &'static str,
    pub(crate) dash: &'static str,
    /// Index of a marker shape; see [`super::marker`].
    pub(crate) shape: usize,
}

/// The look of series number `index`.
pub(crate) fn look(index: usize) -> Look {
    Look {
        colour: COLOURS[index % COLOURS.len()],
        dash: DASHES[(index / COLOURS.len()) % DASHES.len()],
        shape: index,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let byte = u8::from_str_radix(&colour[at..at + 2], 16).expect("hex");
            let c = f64::from(byte) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    /// Contrast as in WCAG 2.2, 1.4.11.
    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn every_colour_stands_out_on_light_and_dark() {
        for colour in COLOURS {
            assert!(contrast(colour, "#ffffff") >= 2.0, "{colour} on white");
            assert!(contrast(colour, "#15181c") >= 3.0, "{colour} on dark");
        }
    }

    #[test]
    fn thirty_series_look_different() {
        let looks: Vec<_> = (0..30).map(|i| (look(i).colour, look(i).dash)).collect();
        for (i, a) in looks.iter().enumerate() {
            assert!(!looks[..i].contains(a));
        }
    }
}
