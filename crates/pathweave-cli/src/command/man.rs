//! `man`: manual pages made of the help texts.

use std::fs;
use std::io;

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};
use serde_json::json;

use crate::cli::{Cli, ManArgs};
use crate::error::{CliError, EXIT_CODES};
use crate::options::RunOptions;
use crate::output;

/// Headings of help texts that are sections of a page, in the order in which pages have them.
const SECTIONS: [(&str, &str); 4] = [
    ("Examples:", "EXAMPLES"),
    ("Environment:", "ENVIRONMENT"),
    ("Files:", "FILES"),
    ("Exit codes:", "EXIT STATUS"),
];

const FILES: &str = "\
Files:
  runs/ID/spec.toml          what the run is; can be run again
  runs/ID/record.json        its numbers, which repeat to the bit
  runs/ID/timing.json        its times
  runs/ID/curves.csv         its curves
  runs/ID/events.out.*       its curves for TensorBoard
  runs/ID/routing.jsonl      every decision on the test samples, also as Parquet
  runs/ID/activation.csv     of runs on rule data: modules by rule
  runs/ID/model.safetensors  its parameters
  runs/ID/checkpoint/        where it goes on, while it runs
  runs/ID/run.log            what it said";

/// Prints the page of the program, or writes it and one a command.
///
/// # Errors
/// Where a page cannot be written.
pub fn run(args: &ManArgs, options: &RunOptions) -> Result<(), CliError> {
    let mut program = Cli::command().disable_help_subcommand(true);
    program.build();
    let failed = |error: io::Error| CliError::Internal(error.to_string());
    let Some(folder) = &args.to else {
        let (_, page) = page(&program, &program).map_err(failed)?;
        return match options.json {
            true => output::json(&json!({"page": page})),
            false => output::text(&page),
        };
    };
    let failed = |error: io::Error| CliError::file(folder, error);
    fs::create_dir_all(folder).map_err(failed)?;
    let mut commands = vec![&program];
    while let Some(command) = commands.pop() {
        let (name, page) = page(command, &program).map_err(failed)?;
        fs::write(folder.join(name), page).map_err(failed)?;
        commands.extend(command.get_subcommands().filter(|below| !below.is_hide_set()));
    }
    match options.json {
        true => output::json(&json!({"folder": folder})),
        false => output::text(&format!("manual pages: {}\n", folder.display())),
    }
}

/// A command's page and the name of its file.
fn page(command: &Command, program: &Command) -> io::Result<(String, String)> {
    let help = |of: &Command| {
        let text = of.get_after_long_help().or(of.get_after_help());
        sections(&text.map(ToString::to_string).unwrap_or_default())
    };
    let (mut told, whole) = (help(command), help(program));
    let is_program = command.get_name() == program.get_name();
    if !is_program {
        // What the program's page tells of this command, and of all.
        let about = format!("  pathweave {} ", command.get_name());
        let examples = whole.of("EXAMPLES").iter().filter(|line| line.starts_with(&about)).cloned();
        let examples: Vec<String> = examples.collect();
        told.or("EXAMPLES", examples);
        told.or("ENVIRONMENT", whole.of("ENVIRONMENT").to_vec());
    }
    told.or("FILES", sections(FILES).of("FILES").to_vec());
    told.or("EXIT STATUS", sections(EXIT_CODES).of("EXIT STATUS").to_vec());
    let man = Man::new(command.clone()).manual("Pathweave");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.get_subcommands().any(|below| !below.is_hide_set()) {
        man.render_subcommands_section(&mut page)?;
    }
    for (name, lines) in &told.0 {
        write(name, lines).to_writer(&mut page)?;
    }
    let mut more = Roff::new();
    more.control("SH", ["SEE ALSO"]);
    let others = program.get_subcommands().filter(|other| !other.is_hide_set());
    let others = others.filter(|_| is_program);
    let mut names: Vec<String> =
        others.map(|other| format!("pathweave-{}(1)", other.get_name())).collect();
    if names.is_empty() {
        names.push("pathweave(1)".to_owned());
    }
    more.text([roman(names.join(", "))]);
    more.to_writer(&mut page)?;
    Ok((man.get_filename(), String::from_utf8_lossy(&page).into_owned()))
}

/// A help text's lines by section; those under no known heading come first, as notes.
struct Sections(Vec<(&'static str, Vec<String>)>);

impl Sections {
    fn of(&self, name: &str) -> &[String] {
        self.0.iter().find(|(section, _)| *section == name).map_or(&[], |(_, lines)| lines)
    }

    /// These lines, where the section has none.
    fn or(&mut self, name: &str, lines: Vec<String>) {
        for (section, own) in &mut self.0 {
            if *section == name && own.is_empty() {
                own.clone_from(&lines);
            }
        }
    }
}

fn sections(help: &str) -> Sections {
    let mut found = vec![("NOTES", Vec::new())];
    found.extend(SECTIONS.map(|(_, name)| (name, Vec::new())));
    let mut at = 0;
    for line in help.lines() {
        if let Some(heading) = SECTIONS.iter().position(|(heading, _)| *heading == line) {
            at = heading + 1;
            continue;
        }
        // Under a heading lines are indented.
        if !line.is_empty() && !line.starts_with(' ') {
            at = 0;
        }
        found[at].1.push(line.to_owned());
    }
    for (_, lines) in &mut found {
        let blank = |line: &String| line.trim().is_empty();
        while lines.last().is_some_and(blank) {
            lines.pop();
        }
        while lines.first().is_some_and(blank) {
            lines.remove(0);
        }
    }
    Sections(found)
}

/// A section: indented lines as they are, others as paragraphs.
fn write(name: &str, lines: &[String]) -> Roff {
    let mut roff = Roff::new();
    if lines.is_empty() {
        return roff;
    }
    roff.control("SH", [name]);
    for block in lines.chunk_by(|a, b| a.starts_with(' ') == b.starts_with(' ')) {
        if block[0].starts_with(' ') {
            roff.control("nf", []);
            block.iter().for_each(|line| _ = roff.text([roman(line.clone())]));
            roff.control("fi", []);
            continue;
        }
        for line in block {
            match line.is_empty() {
                true => roff.control("PP", []),
                false => roff.text([roman(line.clone())]),
            };
        }
    }
    roff
}
