//! Words as numbers: the words of the data at hand, no others.

use std::borrow::Cow;
use std::collections::HashMap;

/// The words of a data set by number: first a keyword for each context, then the words in the order
/// of their first occurrence.
///
/// A keyword names its context to a model that is not routed: "the first word of each sentence
/// becomes 'k', where k is the task index" (T 5.3.2). It is written `<name>`; no word of a sentence
/// has a keyword's number, even if it is written the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vocabulary {
    words: Vec<String>,
    keywords: usize,
    lower: bool,
    /// Numbers of the words that are no keywords
    numbers: HashMap<String, u32>,
}

impl Vocabulary {
    /// Keywords 0..C for the C `contexts` and no words; `lower` lower-cases all that come.
    pub fn new(contexts: &[String], lower: bool) -> Self {
        Self {
            words: contexts.iter().map(|name| format!("<{name}>")).collect(),
            keywords: contexts.len(),
            lower,
            numbers: HashMap::new(),
        }
    }

    /// The number of `word`, which becomes the next word if it is new.
    pub fn add(&mut self, word: &str) -> u32 {
        let word = self.written(word);
        if let Some(&number) = self.numbers.get(&*word) {
            return number;
        }
        let (number, word) = (self.words.len() as u32, word.into_owned());
        self.words.push(word.clone());
        self.numbers.insert(word, number);
        number
    }

    /// The number of `word`, if the data have it.
    pub fn number(&self, word: &str) -> Option<u32> {
        self.numbers.get(&*self.written(word)).copied()
    }

    /// All words by number, keywords first.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Keywords, one for each context: numbers below this.
    pub fn keywords(&self) -> usize {
        self.keywords
    }

    /// Words and keywords together: V.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether there is neither a word nor a keyword.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Numbers by word as files of vectors write them; keywords are in no file.
    pub(crate) fn wanted(&self) -> HashMap<&str, u32> {
        self.numbers.iter().map(|(word, &number)| (word.as_str(), number)).collect()
    }

    /// The word as the vocabulary holds it.
    fn written<'a>(&self, word: &'a str) -> Cow<'a, str> {
        let changes = |c: char| if c.is_ascii() { c.is_ascii_uppercase() } else { true };
        if self.lower && word.chars().any(changes) {
            Cow::Owned(word.to_lowercase())
        } else {
            Cow::Borrowed(word)
        }
    }
}
