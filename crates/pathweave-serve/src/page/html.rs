//! Writing HTML: every text that does not stand in this program goes through [`esc`].

use std::fmt::{self, Display, Write as _};

/// Adds to a page; writing to a `String` cannot fail.
macro_rules! put {
    ($out:expr, $($arg:tt)*) => {{
        use std::fmt::Write as _;
        _ = write!($out, $($arg)*);
    }};
}
pub(crate) use put;

/// Text as it stands in an element or in a quoted attribute; control characters become U+FFFD.
pub(crate) fn esc(text: &str) -> Escaped<'_> {
    Escaped(text)
}

/// See [`esc`].
pub(crate) struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\t' | '\n' => f.write_char(c)?,
                // Controls, and marks that turn the direction of the text after them.
                c if c.is_control() || turns(c) => f.write_char('\u{fffd}')?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

fn turns(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// Text as a part of an address: all but letters, digits and `-._~` as `%XX`.
pub(crate) fn url(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            byte => put!(out, "%{byte:02X}"),
        }
    }
    out
}

/// At most `most` characters of a text, with an ellipsis where it is longer.
pub(crate) fn short(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_is_markup() {
        let shown = esc("<a href='x' b=\"y\">&\u{0}\u{202e}é\n").to_string();
        assert_eq!(shown, "&lt;a href=&#39;x&#39; b=&quot;y&quot;&gt;&amp;\u{fffd}\u{fffd}é\n");
    }

    #[test]
    fn addresses_hold_any_text() {
        assert_eq!(url("a=b c&é%"), "a%3Db%20c%26%C3%A9%25");
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(short("ééé", 2), "éé…");
        assert_eq!(short("éé", 2), "éé");
    }
}
