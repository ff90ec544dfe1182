//! A report as one HTML file.

use std::fmt::Write as _;

use super::{Align, Block, Claim, Figure, Provenance, Report, STYLE, TextTable, paragraphs};
use crate::plot::escape;

pub(super) fn render(report: &Report) -> String {
    let title = escape(&report.title);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <header>\n<h1>{title}</h1>\n<div class=\"lead\">\n"
    );
    prose(&mut out, &report.lead);
    out.push_str("</div>\n");
    if report.sections.len() > 2 {
        out.push_str("<nav aria-label=\"Sections\"><ul>\n");
        for (index, section) in report.sections.iter().enumerate() {
            let heading = escape(&section.heading);
            line(&mut out, format_args!("<li><a href=\"#s{}\">{heading}</a></li>", index + 1));
        }
        out.push_str("</ul></nav>\n");
    }
    out.push_str("</header>\n");
    for (index, section) in report.sections.iter().enumerate() {
        let heading = escape(&section.heading);
        line(&mut out, format_args!("<section id=\"s{}\">\n<h2>{heading}</h2>", index + 1));
        for block in &section.blocks {
            match block {
                Block::Prose(text) => prose(&mut out, text),
                Block::Table(block) => table(&mut out, block),
                Block::Figure(block) => figure(&mut out, block),
                Block::Claims(block) => claims(&mut out, block),
                Block::Provenance(block) => provenance(&mut out, block),
            }
        }
        out.push_str("</section>\n");
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn line(out: &mut String, content: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{content}");
}

fn prose(out: &mut String, text: &str) {
    for paragraph in paragraphs(text) {
        line(out, format_args!("<p>{}</p>", escape(&paragraph)));
    }
}

/// Opens a box that scrolls sideways where the page is narrow, with the keyboard too.
fn scroll(out: &mut String, name: &str) {
    let name = if name.is_empty() { "Wide content" } else { name };
    let name = escape(name);
    line(
        out,
        format_args!("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{name}\">"),
    );
}

fn table(out: &mut String, table: &TextTable) {
    let columns = table.columns();
    if columns == 0 {
        return;
    }
    let class = |column| match table.alignment(column) {
        Align::Left => "",
        Align::Center => " class=\"center\"",
        Align::Right => " class=\"right\"",
    };
    let cell = |row: &[String], column: usize| escape(row.get(column).map_or("", String::as_str));
    scroll(out, &table.caption);
    out.push_str("<table>\n");
    if !table.caption.is_empty() {
        line(out, format_args!("<caption>{}</caption>", escape(&table.caption)));
    }
    out.push_str("<thead><tr>");
    for column in 0..columns {
        let (class, text) = (class(column), cell(&table.headers, column));
        let _ = write!(out, "<th scope=\"col\"{class}>{text}</th>");
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in &table.rows {
        out.push_str("<tr>");
        for column in 0..columns {
            let _ = write!(out, "<td{}>{}</td>", class(column), cell(row, column));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n</div>\n");
}

fn figure(out: &mut String, figure: &Figure) {
    out.push_str("<figure>\n");
    scroll(out, &figure.caption);
    // An XML declaration is not allowed inside a page.
    let svg = figure.svg.find("<svg").map_or("", |start| &figure.svg[start..]);
    line(out, format_args!("{}\n</div>", svg.trim_end()));
    if !figure.caption.is_empty() {
        line(out, format_args!("<figcaption>{}</figcaption>", escape(&figure.caption)));
    }
    out.push_str("</figure>\n");
}

fn claims(out: &mut String, claims: &[Claim]) {
    if claims.is_empty() {
        return;
    }
    out.push_str("<ul class=\"claims\">\n");
    for Claim { text, source, paper, ours, verdict } in claims {
        let (label, sign) = (verdict.label(), verdict.sign());
        let class = label.replace(' ', "-");
        line(
            out,
            format_args!(
                "<li class=\"claim\"><span class=\"verdict {class}\">{sign} {label}</span>\
                 <div><q>{}</q> <cite>{}</cite><dl><dt>paper</dt><dd>{}</dd>\
                 <dt>ours</dt><dd>{}</dd></dl></div></li>",
                escape(text),
                escape(source),
                escape(paper),
                escape(ours),
            ),
        );
    }
    out.push_str("</ul>\n");
}

fn provenance(out: &mut String, Provenance { summary, toml }: &Provenance) {
    let (summary, toml) = (escape(summary), escape(toml));
    line(
        out,
        format_args!(
            "<details>\n<summary>{summary}</summary>\n<pre><code>{toml}</code></pre>\n</details>"
        ),
    );
}
