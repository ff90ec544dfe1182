//! `docs/deviations.md` is what the sources say: every `# Deviations` section of a doc comment
//! under `crates/*/src`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

const PAGE: &str = "docs/deviations.md";

const INTRO: &str = "\
# Deviations

Where Pathweave differs from the documents, or decides what they leave open: every `# Deviations`
section of the sources, by crate and topic. A test keeps this page equal to them. What an
experiment does otherwise than its figure stands in its report, under Settings.

T is the thesis on routing networks.
";

/// A `# Deviations` section.
#[derive(Debug, PartialEq)]
struct Section {
    /// What is documented; none where it is the file
    item: Option<String>,
    /// Paragraphs and bullets, each on a line
    points: Vec<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every Rust file below `folder`, sorted.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// A line of a doc comment: its marker and its text.
fn doc(line: &str) -> Option<(&'static str, &str)> {
    let line = line.trim_start();
    ["//!", "///"].into_iter().find_map(|marker| Some((marker, line.strip_prefix(marker)?.trim())))
}

fn sections(source: &str) -> Vec<Section> {
    let lines: Vec<&str> = source.lines().collect();
    let begins = |line: &&str| doc(line).is_some_and(|(_, text)| text == "# Deviations");
    let starts = (0..lines.len()).filter(|&at| begins(&lines[at]));
    let section = |start: usize| {
        let marker = doc(lines[start]).unwrap().0;
        let inside = |line: &&&str| doc(line).is_some_and(|(m, _)| m == marker);
        let rest = lines[start + 1..].iter().take_while(inside).map(|line| doc(line).unwrap().1);
        let body: Vec<&str> = rest.take_while(|text| !text.starts_with("# ")).collect();
        let item = (marker == "///").then(|| item(&lines, start));
        Section { item, points: points(&body) }
    };
    starts.map(section).collect()
}

/// Paragraphs and bullets, each joined to a line.
fn points(body: &[&str]) -> Vec<String> {
    let mut points: Vec<String> = Vec::new();
    let mut open = false;
    for line in body {
        let bullet = line.strip_prefix("- ");
        match bullet {
            None if line.is_empty() => open = false,
            None if open => {
                let last = points.last_mut().unwrap();
                last.push(' ');
                last.push_str(line);
            }
            _ => {
                points.push(bullet.unwrap_or(line).to_owned());
                open = true;
            }
        }
    }
    points.iter().map(|point| without_links(point)).collect()
}

/// Links to items are of no use outside of rustdoc: their text stays.
fn without_links(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("[`") {
        let Some(end) = rest[start..].find("`]").map(|end| start + end) else { break };
        out += &rest[..start];
        out += &rest[start + 1..=end];
        rest = &rest[end + 2..];
        if let Some(target) = rest.strip_prefix('(').and_then(|target| target.split_once(')')) {
            rest = target.1;
        }
    }
    out + rest
}

/// The name of what the doc comment around line `at` documents, with its type where it has one.
fn item(lines: &[&str], at: usize) -> String {
    let code = |line: &&&str| doc(line).is_none() && !line.trim_start().starts_with("#[");
    let line = lines[at..].iter().find(code).expect("what is documented");
    let name = name(line);
    if !line.starts_with(' ') {
        return name;
    }
    let words = ["impl", "struct", "enum", "trait"];
    let holds = |line: &&&str| {
        let outermost = !line.starts_with([' ', '/', '#', '}']);
        outermost && line.split([' ', '<']).any(|word| words.contains(&word))
    };
    match lines[..at].iter().rev().find(holds) {
        Some(line) => format!("{}::{name}", owner(line)),
        None => name,
    }
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

fn name(line: &str) -> String {
    let keywords = ["pub", "const", "static", "fn", "struct", "enum", "trait", "type", "mod"];
    let is_keyword = |word: &&str| keywords.contains(word) || word.starts_with("pub(");
    let first = line.split_whitespace().find(|word| !is_keyword(word));
    identifier(first.expect("a name"))
}

/// The type of an `impl`, or the name of a type.
fn owner(line: &str) -> String {
    if !line.starts_with("impl") {
        return name(line);
    }
    let of_trait = line.split_once(" for ").map(|(_, owner)| owner);
    let plain = || line.split_once("> ").or_else(|| line.split_once(' ')).map(|(_, owner)| owner);
    identifier(of_trait.or_else(plain).expect("a type"))
}

/// The folder that a file stands for, below its crate's `src`.
fn topic(file: &str) -> &str {
    let below = file.split_once("/src/").expect("a source").1;
    below.split_once('/').map_or_else(|| below.trim_end_matches(".rs"), |(folder, _)| folder)
}

fn page() -> String {
    let mut page = INTRO.to_owned();
    for name in ["pathweave", "pathweave-data", "pathweave-eval", "pathweave-cli"] {
        let mut last_topic = String::new();
        for path in sources(&root().join(format!("crates/{name}/src"))) {
            let sections = sections(&fs::read_to_string(&path).unwrap());
            let file = path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
            if sections.is_empty() {
                continue;
            }
            if last_topic.is_empty() {
                write!(page, "\n## {name}\n").unwrap();
            }
            if last_topic != topic(&file) {
                topic(&file).clone_into(&mut last_topic);
                write!(page, "\n### {last_topic}\n").unwrap();
            }
            let short = file.split_once("/src/").unwrap().1;
            for Section { item, points } in sections {
                assert!(!points.is_empty(), "{file}: a Deviations section without a word");
                let item = item.map(|item| format!(", `{item}`")).unwrap_or_default();
                write!(page, "\n[{short}](../{file}){item}\n\n").unwrap();
                for point in points {
                    writeln!(page, "- {point}").unwrap();
                }
            }
        }
    }
    page
}

/// `PATHWEAVE_BLESS=1 cargo test --release -p pathweave-cli --test suite deviations` writes the
/// page anew.
#[test]
fn the_deviations_page_is_what_the_sources_say() {
    let page = page();
    let path = root().join(PAGE);
    if std::env::var_os("PATHWEAVE_BLESS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let stored = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{PAGE}: {error}"));
    assert_eq!(stored, page, "{PAGE} is not what the sources say");
}

#[test]
fn sections_are_found_with_their_items_and_end_where_they_end() {
    let source = "\
//! A file.
//!
//! # Deviations
//!
//! - One, of [`X`](crate::X)
//!   and [`Y`].
//! - Two.
//!
//! # Errors
//! None.

/// A type.
///
/// # Deviations
/// A paragraph
/// of two lines.
///
/// Another.
#[derive(Debug)]
pub struct Thing<T> {
    /// # Deviations
    /// A field's.
    pub(crate) field: T,
}

impl<T> Iterator for Thing<T> {
    /// Its method.
    ///
    /// # Deviations
    /// A method's.
    fn next(&mut self) -> Option<T> {}
}

impl<T> Thing<T> {
    /// # Deviations
    /// Another's.
    pub const fn make() -> Self {}
}
";
    let points = |points: &[&str]| points.iter().map(|&point| point.to_owned()).collect();
    let section = |item: &str, text: &[&str]| Section {
        item: (!item.is_empty()).then(|| item.to_owned()),
        points: points(text),
    };
    let wanted = [
        section("", &["One, of `X` and `Y`.", "Two."]),
        section("Thing", &["A paragraph of two lines.", "Another."]),
        section("Thing::field", &["A field's."]),
        section("Thing::next", &["A method's."]),
        section("Thing::make", &["Another's."]),
    ];
    assert_eq!(sections(source), wanted);
}
