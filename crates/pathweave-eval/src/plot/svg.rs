//! A small SVG writer: escaped text, fixed two-decimal coordinates, one style sheet.
//!
//! Every coordinate goes through [`number`], so equal input gives equal bytes on every machine.

use std::fmt::Write as _;

/// Style of every picture. Class names carry a prefix because a picture that is written into a
/// page shares its style sheet with it; colours switch with the reader's colour scheme on a
/// screen and stay light on paper.
const STYLE: &str = "\
.pw text{font-family:'Helvetica Neue',Helvetica,Arial,'Liberation Sans',sans-serif}\
.pw-bg{fill:#fff}.pw-ink{fill:#1b1f24}.pw-muted{fill:#59626d}.pw-strong{font-weight:600}\
.pw-on{fill:#fff}\
.pw-grid{stroke:#e3e7eb}.pw-axis{stroke:#8b949e}.pw-whisker{stroke:#1b1f24;fill:none}\
.pw-halo{stroke:#fff;fill:none}.pw-box{fill:#f3f5f7;stroke:#59626d}\
.pw-idle{fill:#fff;stroke:#c4cad1}.pw-mark{fill:#fff;stroke:#1b1f24}.pw-cell{fill:#f3f5f7}\
.pw-flow:hover{fill-opacity:.9}\
@media screen and (prefers-color-scheme:dark){\
.pw-bg{fill:#15181c}.pw-ink{fill:#e8eaed}.pw-muted{fill:#a3acb7}\
.pw-grid{stroke:#2c323a}.pw-axis{stroke:#77818c}.pw-whisker{stroke:#e8eaed}\
.pw-halo{stroke:#15181c}.pw-box{fill:#242a31;stroke:#a3acb7}\
.pw-idle{fill:#15181c;stroke:#414a54}.pw-mark{fill:#15181c;stroke:#e8eaed}.pw-cell{fill:#242a31}}";

/// Escapes text for XML and HTML, in element content and in quoted attributes.
///
/// Control characters that XML 1.0 forbids become U+FFFD.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// A coordinate with at most two decimals and no negative zero.
pub(crate) fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// One element under construction.
pub(crate) struct Element {
    name: &'static str,
    attributes: String,
    body: String,
}

impl Element {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, attributes: String::new(), body: String::new() }
    }

    pub(crate) fn attr(mut self, key: &str, value: &str) -> Self {
        // Writing to a String cannot fail.
        let _ = write!(self.attributes, " {key}=\"{}\"", escape(value));
        self
    }

    pub(crate) fn num(self, key: &str, value: f64) -> Self {
        self.attr(key, &number(value))
    }

    pub(crate) fn class(self, class: &str) -> Self {
        self.attr("class", class)
    }

    pub(crate) fn text(mut self, text: &str) -> Self {
        self.body.push_str(&escape(text));
        self
    }

    /// A tooltip, which is also the element's accessible name.
    pub(crate) fn tooltip(mut self, text: &str) -> Self {
        let _ = write!(self.body, "<title>{}</title>", escape(text));
        self
    }

    fn render(&self, out: &mut String) {
        let Self { name, attributes, body } = self;
        let _ = if body.is_empty() {
            writeln!(out, "<{name}{attributes}/>")
        } else {
            writeln!(out, "<{name}{attributes}>{body}</{name}>")
        };
    }
}

/// Where a text stands relative to its x.
#[derive(Clone, Copy)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// The picture's elements in drawing order.
pub(crate) struct Canvas {
    body: String,
}

impl Canvas {
    pub(crate) fn new() -> Self {
        Self { body: String::new() }
    }

    pub(crate) fn push(&mut self, element: Element) {
        element.render(&mut self.body);
    }

    pub(crate) fn line(&mut self, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
        self.push(
            Element::new("line")
                .class(class)
                .num("x1", x1)
                .num("y1", y1)
                .num("x2", x2)
                .num("y2", y2),
        );
    }

    /// Text whose vertical middle is `y`. The shift is written out because viewers differ in
    /// their support of `dominant-baseline`.
    pub(crate) fn text(
        &mut self,
        class: &str,
        (x, y): (f64, f64),
        size: f64,
        anchor: Anchor,
        text: &str,
    ) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        self.push(
            Element::new("text")
                .class(class)
                .num("x", x)
                .num("y", y + 0.35 * size)
                .num("font-size", size)
                .attr("text-anchor", anchor)
                .text(text),
        );
    }

    /// The finished document: `title` is its accessible name, `description` its data in words.
    pub(crate) fn finish(self, width: f64, height: f64, title: &str, description: &str) -> String {
        let (w, h) = (number(width), number(height));
        let (title, description) = (escape(title), escape(description));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"pw\" role=\"img\" \
             aria-label=\"{title}\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\">\n\
             <title>{title}</title>\n<desc>{description}</desc>\n<style>{STYLE}</style>\n\
             <rect class=\"pw-bg\" width=\"{w}\" height=\"{h}\"/>\n{}</svg>\n",
            self.body
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_short_and_have_no_negative_zero() {
        let shown: Vec<_> = [0.0, -0.001, 1.0, 1.5, 2.345_678, 100.0].map(number).into();
        assert_eq!(shown, ["0", "0", "1", "1.5", "2.35", "100"]);
    }

    #[test]
    fn text_is_escaped_everywhere() {
        let mut canvas = Canvas::new();
        let nasty = "<b a='1'>&\"\u{0}\u{1b}";
        canvas.text("pw-ink", (0.0, 0.0), 10.0, Anchor::Start, nasty);
        canvas.push(Element::new("path").attr("d", nasty).tooltip(nasty));
        let svg = canvas.finish(10.0, 10.0, nasty, nasty);
        let document = roxmltree::Document::parse(&svg).expect("well-formed");
        let want = "<b a='1'>&\"\u{fffd}\u{fffd}";
        assert_eq!(document.root_element().attribute("aria-label"), Some(want));
        let texts: Vec<_> = document.descendants().filter(|n| n.has_tag_name("text")).collect();
        assert_eq!(texts[0].text(), Some(want));
    }
}
