//! What every page has: head, way to the content, heading, foot.

use super::html::{esc, put};

/// A page of HTML. `title` is text; `body` is HTML whose texts are escaped already.
pub(crate) fn page(title: &str, body: &str) -> String {
    let mut out = String::with_capacity(body.len() + 2048);
    put!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{} · Pathweave</title>\n\
         <link rel=\"icon\" href=\"/asset/icon.svg\">\n\
         <link rel=\"stylesheet\" href=\"/asset/report.css\">\n\
         <link rel=\"stylesheet\" href=\"/asset/page.css\">\n\
         <script src=\"/asset/page.js\" defer></script>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#content\">Skip to the content</a>\n\
         <header class=\"top\"><a class=\"home\" href=\"/\">Pathweave</a> \
         <span class=\"keys\" hidden>Press <kbd>?</kbd> for keys</span></header>\n\
         <main id=\"content\" tabindex=\"-1\">\n{body}</main>\n</body>\n</html>\n",
        esc(title)
    );
    out
}

/// A page that says why there is nothing else.
pub(crate) fn notice(title: &str, text: &str) -> String {
    let mut body = String::new();
    put!(
        body,
        "<h1>{}</h1>\n<p>{}</p>\n<p><a href=\"/\">All runs</a></p>\n",
        esc(title),
        esc(text)
    );
    page(title, &body)
}
