//! Tables for LaTeX, in the manner of the package booktabs.

use super::{Align, TextTable};

impl TextTable {
    /// The table as a `table` environment with its caption, the label `tab:LABEL` and the rules of the
    /// package booktabs. All text is escaped; what LaTeX cannot write in any font (±, −, …) is
    /// written as it would be by hand.
    pub fn to_latex(&self, label: &str) -> String {
        let columns = self.columns();
        if columns == 0 {
            return String::new();
        }
        let align = |column| match self.alignment(column) {
            Align::Left => 'l',
            Align::Center => 'c',
            Align::Right => 'r',
        };
        let line = |cells: &[String]| {
            let cell = |column| escape(cells.get(column).map_or("", String::as_str));
            let mut cells: Vec<String> = (0..columns).map(cell).collect();
            // After "\\" and after a rule a bracket would be an argument.
            if cells[0].starts_with('[') {
                cells[0].insert_str(0, "{}");
            }
            format!("    {} \\\\\n", cells.join(" & "))
        };
        let caption = match self.caption.as_str() {
            "" => String::new(),
            caption => format!("  \\caption{{{}}}\n", escape(caption)),
        };
        let label: String =
            label.chars().filter(|&c| c.is_ascii_alphanumeric() || c == '-').collect();
        format!(
            "\\begin{{table}}\n  \\centering\n{caption}  \\label{{tab:{label}}}\n  \
             \\begin{{tabular}}{{{}}}\n    \\toprule\n{}    \\midrule\n{}    \\bottomrule\n  \
             \\end{{tabular}}\n\\end{{table}}\n",
            (0..columns).map(align).collect::<String>(),
            line(&self.headers),
            self.rows.iter().map(|row| line(row)).collect::<String>(),
        )
    }
}

/// Text as LaTeX shows it.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => out.extend(['\\', c]),
            '\\' => out.push_str("\\textbackslash{}"),
            '~' => out.push_str("\\textasciitilde{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            '<' => out.push_str("\\textless{}"),
            '>' => out.push_str("\\textgreater{}"),
            '|' => out.push_str("\\textbar{}"),
            '"' => out.push_str("\\textquotedbl{}"),
            '±' => out.push_str("$\\pm$"),
            '−' => out.push_str("$-$"),
            '×' => out.push_str("$\\times$"),
            '≥' => out.push_str("$\\geq$"),
            '≤' => out.push_str("$\\leq$"),
            '≈' => out.push_str("$\\approx$"),
            '–' => out.push_str("--"),
            '…' => out.push_str("\\dots{}"),
            '’' => out.push('\''),
            c if c.is_whitespace() => out.push(' '),
            c if c.is_control() => out.push('?'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|&text| text.to_owned()).collect()
    }

    #[test]
    fn a_table_has_rules_caption_and_label() {
        let table = TextTable {
            caption: "Accuracy, 95 % of it".into(),
            headers: texts(&["model", "accuracy"]),
            align: vec![Align::Left, Align::Right],
            rows: vec![texts(&["a_b & c", "0.5 ± 0.1"]), texts(&["[x]"])],
        };
        let expected = "\\begin{table}\n  \\centering\n  \\caption{Accuracy, 95 \\% of it}\n  \
             \\label{tab:runs-1}\n  \\begin{tabular}{lr}\n    \\toprule\n    model & accuracy \\\\\n    \
             \\midrule\n    a\\_b \\& c & 0.5 $\\pm$ 0.1 \\\\\n    {}[x] &  \\\\\n    \\bottomrule\n  \
             \\end{tabular}\n\\end{table}\n";
        assert_eq!(table.to_latex("runs-1"), expected);
        assert_eq!(TextTable::default().to_latex("x"), "");
    }

    proptest! {
        #[test]
        fn any_text_stays_in_its_cell(text in "\\PC{0,40}") {
            let table = TextTable {
                headers: vec![text.clone(), text.clone()],
                rows: vec![vec![text.clone(), text]],
                ..TextTable::default()
            };
            let latex = table.to_latex("x");
            let bare = latex.replace("\\\\\n", "\n").replace("\\&", "").replace("\\{", "").replace("\\}", "");
            prop_assert_eq!(bare.matches('&').count(), 2);
            prop_assert_eq!(bare.matches('{').count(), bare.matches('}').count());
            prop_assert!(!bare.replace("\\%", "").contains('%'));
            prop_assert!(!bare.replace("\\#", "").contains('#'));
        }
    }
}
