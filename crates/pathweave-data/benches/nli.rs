//! Seconds and memory that loading a corpus of MultiNLI's size with word vectors takes. The files are
//! made up in a temporary folder: 392,702 pairs as JSON lines with the parses that are not read, and
//! 400,000 vectors of 300 numbers.
//!
//! `cargo bench -p pathweave-data --bench nli`

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use pathweave_data::dataset::MultiNliSpec;
use pathweave_data::text::{Texts, Vectors, WordsSpec};
use pathweave_data::{Stream, Streams};

const PAIRS: usize = 392_702;
const DEV: usize = 9_815;
/// Words that sentences draw from, by Zipf's law
const WORDS: f64 = 100_000.0;
const VECTORS: usize = 400_000;
const WIDTH: usize = 300;
const GENRES: [&str; 5] = ["fiction", "government", "slate", "telephone", "travel"];

/// The word of a rank.
fn word(mut rank: usize, out: &mut String) {
    loop {
        out.push(char::from(b'a' + (rank % 26) as u8));
        rank /= 26;
        if rank == 0 {
            return;
        }
    }
}

fn sentence(length: usize, stream: &mut Stream, out: &mut String) {
    for at in 0..length {
        if at > 0 {
            out.push(' ');
        }
        word(f64::exp(f64::from(stream.uniform()) * WORDS.ln()) as usize, out);
    }
    out.push('.');
}

fn pairs(file: &Path, count: usize, stream: &mut Stream) {
    let mut out = BufWriter::new(File::create(file).unwrap());
    let (mut premise, mut hypothesis, mut parse) = (String::new(), String::new(), String::new());
    for at in 0..count {
        if at % 3 == 0 {
            premise.clear();
            sentence(4 + stream.below(32), stream, &mut premise);
        }
        hypothesis.clear();
        sentence(3 + stream.below(14), stream, &mut hypothesis);
        parse.clear();
        for word in premise.split(' ') {
            parse.push_str("( ");
            parse.push_str(word);
            parse.push_str(" ) ");
        }
        let label = ["entailment", "neutral", "contradiction"][at % 3];
        let genre = GENRES[at / 3 % 5];
        writeln!(
            out,
            "{{\"annotator_labels\": [\"{label}\"], \"genre\": \"{genre}\", \"gold_label\": \
             \"{label}\", \"pairID\": \"{at}e\", \"promptID\": \"{at}\", \"sentence1\": \
             \"{premise}\", \"sentence1_binary_parse\": \"{parse}\", \"sentence1_parse\": \
             \"(ROOT {parse}{parse})\", \"sentence2\": \"{hypothesis}\", \
             \"sentence2_parse\": \"(ROOT (S (NP (DT it)) (VP (VBZ is))))\"}}"
        )
        .unwrap();
    }
}

fn vectors(file: &Path, stream: &mut Stream) {
    let mut out = BufWriter::new(File::create(file).unwrap());
    let numbers: String =
        (0..4096).map(|_| format!(" {:.5}", stream.uniform() * 1.6 - 0.8)).collect();
    let starts: Vec<usize> = numbers.match_indices(' ').map(|(at, _)| at).collect();
    let mut text = String::new();
    // One word of eight has no vector.
    for rank in (0..VECTORS * 8 / 7).filter(|rank| rank % 8 != 5) {
        text.clear();
        word(rank, &mut text);
        let start = stream.below(starts.len() - WIDTH - 1);
        text.push_str(&numbers[starts[start]..starts[start + WIDTH]]);
        writeln!(out, "{text}").unwrap();
    }
}

/// The largest memory that the process has had, in GB.
fn peak() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    number.map_or(f64::NAN, |kilobytes| kilobytes / 1e6)
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join("multinli");
    fs::create_dir(&below).unwrap();
    let mut stream = Streams::new(1).stream("text", 0);
    pairs(&below.join("multinli_1.0_train.jsonl"), PAIRS, &mut stream);
    pairs(&below.join("multinli_1.0_dev_matched.jsonl"), DEV, &mut stream);
    vectors(&folder.path().join("glove.txt"), &mut stream);
    let size = |name: &str| fs::metadata(folder.path().join(name)).unwrap().len() as f64 / 1e9;
    println!(
        "pairs {:.2} GB, vectors {:.2} GB; peak before loading {:.2} GB",
        size("multinli/multinli_1.0_train.jsonl"),
        size("glove.txt"),
        peak()
    );

    let words = WordsSpec {
        vectors: Vectors::File,
        file: "glove.txt".to_owned(),
        width: WIDTH,
        ..WordsSpec::default()
    };
    let spec = MultiNliSpec { words, ..MultiNliSpec::default() };
    let start = Instant::now();
    let splits = spec.pairs(folder.path()).unwrap();
    let read = start.elapsed().as_secs_f64();
    let genres = GENRES.map(str::to_owned);
    let texts = Texts::new(&splits, &genres, &spec.words, Some(folder.path())).unwrap();
    let all = start.elapsed().as_secs_f64();
    println!(
        "{} pairs, {} sentences, {} words, {} of them with vectors",
        texts.items(),
        texts.sentences(),
        texts.vocabulary.len(),
        texts.found
    );
    println!("pairs {read:.2} s, words and vectors {:.2} s, all {all:.2} s", all - read);
    println!("peak {:.2} GB", peak());
}
