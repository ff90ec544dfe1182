//! A report as Markdown: CommonMark with GitHub's tables.

use std::fmt::Write as _;

use super::{Align, Block, Claim, Provenance, Report, TextTable, paragraphs};

pub(super) fn render(report: &Report, folder: &str) -> String {
    let folder = folder.trim_end_matches('/');
    let mut files = report.figures().into_iter().map(|(file, _)| match folder {
        "" => file,
        folder => format!("{folder}/{file}"),
    });
    let mut out = String::new();
    piece(&mut out, format_args!("# {}", inline(&report.title)));
    prose(&mut out, &report.lead);
    for section in &report.sections {
        piece(&mut out, format_args!("## {}", inline(&section.heading)));
        for block in &section.blocks {
            match block {
                Block::Prose(text) => prose(&mut out, text),
                Block::Table(block) => table(&mut out, block),
                Block::Figure(figure) => {
                    let caption = inline(&figure.caption);
                    // `figures` yields one name a figure, in this order.
                    let file = files.next().unwrap_or_default();
                    piece(&mut out, format_args!("![{caption}](<{file}>)"));
                    if !caption.is_empty() {
                        piece(&mut out, format_args!("*{caption}*"));
                    }
                }
                Block::Claims(block) => claims(&mut out, block),
                Block::Provenance(block) => provenance(&mut out, block),
            }
        }
    }
    out
}

/// Writes a block, parted from the one before by a blank line.
fn piece(out: &mut String, content: std::fmt::Arguments<'_>) {
    if !out.is_empty() {
        out.push('\n');
    }
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{content}");
}

/// Text that Markdown shows as it is, on one line.
fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.split_whitespace().collect::<Vec<_>>().join(" ").chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => out.extend(['\\', c]),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

fn prose(out: &mut String, text: &str) {
    for paragraph in paragraphs(text) {
        piece(out, format_args!("{}", opening(&inline(&paragraph))));
    }
}

/// Keeps the first word of a paragraph from being read as a heading, list or rule.
fn opening(text: &str) -> String {
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    let at = match text[digits..].chars().next() {
        Some('.' | ')') if digits > 0 => digits,
        Some('#' | '-' | '+' | '=') if digits == 0 => 0,
        _ => return text.to_owned(),
    };
    format!("{}\\{}", &text[..at], &text[at..])
}

fn table(out: &mut String, table: &TextTable) {
    let columns = table.columns();
    if columns == 0 {
        return;
    }
    if !table.caption.is_empty() {
        piece(out, format_args!("{}", opening(&inline(&table.caption))));
    }
    let row = |cells: &[String]| {
        let cells: Vec<_> =
            (0..columns).map(|c| inline(cells.get(c).map_or("", String::as_str))).collect();
        format!("| {} |", cells.join(" | "))
    };
    let rule: Vec<_> = (0..columns)
        .map(|column| match table.alignment(column) {
            Align::Left => "---",
            Align::Center => ":---:",
            Align::Right => "---:",
        })
        .collect();
    let mut lines = vec![row(&table.headers), format!("| {} |", rule.join(" | "))];
    lines.extend(table.rows.iter().map(|cells| row(cells)));
    piece(out, format_args!("{}", lines.join("\n")));
}

fn claims(out: &mut String, claims: &[Claim]) {
    if claims.is_empty() {
        return;
    }
    let row = |claim: &Claim| {
        let Claim { text, source, paper, ours, verdict } = claim;
        let verdict = format!("{} {}", verdict.sign(), verdict.label());
        vec![text.clone(), source.clone(), paper.clone(), ours.clone(), verdict]
    };
    table(
        out,
        &TextTable {
            headers: ["claim", "source", "paper", "ours", "verdict"].map(String::from).to_vec(),
            rows: claims.iter().map(row).collect(),
            ..TextTable::default()
        },
    );
}

fn provenance(out: &mut String, Provenance { summary, toml }: &Provenance) {
    // A fence longer than any run of backticks in the text.
    let longest = toml.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    let (summary, toml) = (inline(summary), toml.trim_end());
    piece(out, format_args!("<details>\n<summary>{summary}</summary>"));
    piece(out, format_args!("{fence}toml\n{toml}\n{fence}"));
    piece(out, format_args!("</details>"));
}
