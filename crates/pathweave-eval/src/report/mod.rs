//! Reports: prose, tables, figures and claims as one HTML file or as Markdown.
//!
//! The text model is plain: a blank line parts paragraphs, nothing else is interpreted, and all
//! text is escaped. Only a figure's SVG is written as it is, so it must come from a trusted
//! writer such as [`crate::plot`].

mod html;
mod latex;
mod markdown;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

/// The style of a report's page: palette, type and tables, for other pages that are to look alike.
pub const STYLE: &str = include_str!("style.css");

/// A report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Heading.
    pub title: String,
    /// Opening paragraphs: what was asked and what came out.
    pub lead: String,
    /// Sections in order.
    pub sections: Vec<Section>,
}

/// A heading and what follows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    /// Heading.
    pub heading: String,
    /// Content in order.
    pub blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// Paragraphs, parted by blank lines.
    Prose(String),
    /// A table.
    Table(TextTable),
    /// A picture.
    Figure(Figure),
    /// Claims of a document, each with its verdict.
    Claims(Vec<Claim>),
    /// What was run, folded away.
    Provenance(Provenance),
}

/// A table of text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TextTable {
    /// What the table shows; none is drawn where it is empty.
    pub caption: String,
    /// One heading a column.
    pub headers: Vec<String>,
    /// Alignment of the columns; a column without one stands left.
    pub align: Vec<Align>,
    /// Rows; a short row is filled with empty cells.
    pub rows: Vec<Vec<String>>,
}

/// Where a column's text stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    /// At the left: text.
    #[default]
    Left,
    /// In the middle: signs.
    Center,
    /// At the right: numbers.
    Right,
}

/// A picture with its caption.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figure {
    /// Stem of the file that Markdown links to; letters, digits and hyphens are kept.
    pub name: String,
    /// The SVG document, written into HTML as it is.
    pub svg: String,
    /// Caption below the picture.
    pub caption: String,
}

/// A sentence of a document beside what was measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The claim, quoted shortly.
    pub text: String,
    /// Where it stands: document and section, such as "T 5.2.3".
    pub source: String,
    /// What the document reports.
    pub paper: String,
    /// What was measured here.
    pub ours: String,
    /// Whether the measurement agrees.
    pub verdict: Verdict,
}

/// What a measurement says about a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The measurement agrees.
    Supported,
    /// The measurement disagrees.
    Refuted,
    /// The measurement cannot tell.
    Inconclusive,
    /// Nothing was measured.
    NotTested,
}

impl Verdict {
    /// The verdict in words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::Refuted => "refuted",
            Self::Inconclusive => "inconclusive",
            Self::NotTested => "not tested",
        }
    }

    /// A sign beside the words, so that colour is never alone.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Supported => "✓",
            Self::Refuted => "✗",
            Self::Inconclusive => "≈",
            Self::NotTested => "–",
        }
    }
}

/// What was run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    /// The line that stays visible.
    pub summary: String,
    /// The specification as TOML.
    pub toml: String,
}

impl Report {
    /// One self-contained HTML file: inline style and pictures, no script, nothing loaded.
    pub fn to_html(&self) -> String {
        html::render(self)
    }

    /// Markdown (CommonMark with GitHub's tables). Pictures are links to the files named by
    /// [`Report::figures`], expected in `folder` relative to the Markdown file; an empty
    /// `folder` means beside it.
    pub fn to_markdown(&self, folder: &str) -> String {
        markdown::render(self, folder)
    }

    /// Every picture's file name, unique in the report, and its SVG, in the order of the report.
    pub fn figures(&self) -> Vec<(String, &str)> {
        let mut named: Vec<(String, &str)> = Vec::new();
        let blocks = self.sections.iter().flat_map(|s| &s.blocks);
        for block in blocks {
            let Block::Figure(figure) = block else {
                continue;
            };
            let stem = slug(&figure.name);
            let taken = |file: &String| named.iter().any(|(other, _)| other == file);
            let mut file = format!("{stem}.svg");
            let mut number = 2;
            while taken(&file) {
                file = format!("{stem}-{number}.svg");
                number += 1;
            }
            named.push((file, &figure.svg));
        }
        named
    }
}

impl TextTable {
    /// Number of columns of the widest row, headings included.
    fn columns(&self) -> usize {
        self.rows.iter().map(Vec::len).chain([self.headers.len()]).max().unwrap_or(0)
    }

    fn alignment(&self, column: usize) -> Align {
        self.align.get(column).copied().unwrap_or_default()
    }
}

/// The paragraphs of a text.
fn paragraphs(text: &str) -> Vec<String> {
    let mut out: Vec<Vec<&str>> = vec![Vec::new()];
    for line in text.lines().map(str::trim) {
        match out.last_mut() {
            Some(paragraph) if !line.is_empty() => paragraph.push(line),
            _ => out.push(Vec::new()),
        }
    }
    out.into_iter().filter(|p| !p.is_empty()).map(|p| p.join(" ")).collect()
}

/// A file stem: ASCII letters in lower case, digits, and single hyphens for everything else.
fn slug(name: &str) -> String {
    let words: Vec<_> = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    if words.is_empty() { "figure".to_owned() } else { words.join("-") }
}
