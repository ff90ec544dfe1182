//! Text widths without a font: enough to keep labels from touching.

/// Advance widths of Helvetica for U+0020 to U+007E, in thousandths of the font size
/// (Adobe's font metrics for the core fonts).
const HELVETICA: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

/// Room for the wider fonts (DejaVu, Verdana) that a viewer may have instead.
const SAFETY: f64 = 1.15;

/// An upper estimate of the width of `text` at `size`, in the unit of `size`.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    let units: f64 = text
        .chars()
        .map(|c| match c as u32 {
            code @ 0x20..=0x7e => f64::from(HELVETICA[(code - 0x20) as usize]),
            0..=0x10ff | 0x2000..=0x2bff => 600.0,
            _ => 1000.0,
        })
        .sum();
    units * size * SAFETY / 1000.0
}

/// `text` on one line of at most `limit`, its tail replaced by an ellipsis where it is longer.
pub(crate) fn fit(text: &str, size: f64, limit: f64) -> String {
    if width(text, size) <= limit {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if width(&kept, size) + width("…", size) > limit {
            kept.pop();
            break;
        }
    }
    kept.truncate(kept.trim_end().len());
    kept.push('…');
    kept
}

/// `text` in at most `lines` lines of at most `limit`, broken after spaces, hyphens, slashes and
/// underscores; what does not fit ends in an ellipsis. Empty text gives no line.
pub(crate) fn wrap(text: &str, size: f64, limit: f64, lines: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        if out.len() + 1 >= lines || width(rest, size) <= limit {
            out.push(fit(rest, size, limit));
            break;
        }
        let cut = rest
            .char_indices()
            .filter(|(_, c)| matches!(c, ' ' | '-' | '/' | '_'))
            .map(|(at, c)| at + c.len_utf8())
            .take_while(|&at| width(rest[..at].trim_end(), size) <= limit)
            .last();
        let Some(cut) = cut else {
            out.push(fit(rest, size, limit));
            break;
        };
        out.push(rest[..cut].trim_end().to_owned());
        rest = rest[cut..].trim_start();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn widths_follow_the_font_metrics() {
        assert!((width("il", 10.0) - 0.444 * 10.0 * SAFETY).abs() < 1e-9);
        assert_eq!(width("", 10.0), 0.0);
    }

    #[test]
    fn long_model_names_break_at_hyphens() {
        let lines = wrap("routing-all-fc recurrent + pass", 12.0, 120.0, 2);
        assert_eq!(lines, ["routing-all-fc", "recurrent + pass"]);
        assert_eq!(wrap("", 12.0, 100.0, 2), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn nothing_is_wider_than_its_limit(text in "\\PC{0,60}", limit in 30.0..300.0_f64) {
            prop_assert!(width(&fit(&text, 12.0, limit), 12.0) <= limit);
            let lines = wrap(&text, 12.0, limit, 3);
            prop_assert!(lines.len() <= 3);
            for line in lines {
                prop_assert!(width(&line, 12.0) <= limit, "{line}");
            }
        }
    }
}
