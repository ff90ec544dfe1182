//! What the program prints for others: manual pages, completions, the schema of specs.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::place::Place;

#[test]
fn every_command_has_a_page_with_its_sections() {
    let place = Place::new();
    assert!(place.good(&["man"]).contains(".TH"));
    place.good(&["man", "--to", "pages"]);
    let read = |name: &str| fs::read_to_string(place.path("pages").join(name)).expect(name);
    let program = read("pathweave.1");
    let sections = |page: &str| -> Vec<String> {
        let of = |line: &str| Some(line.strip_prefix(".SH ")?.trim_matches('"').to_owned());
        page.lines().filter_map(of).collect()
    };
    let mut pages = 0;
    for entry in fs::read_dir(place.path("pages")).expect("a folder") {
        let name = entry.expect("a file").file_name().into_string().expect("UTF-8");
        let found = sections(&read(&name));
        for section in ["NAME", "SYNOPSIS", "OPTIONS", "ENVIRONMENT", "FILES", "EXIT STATUS"] {
            assert!(found.iter().any(|other| other == section), "{name}: no {section}: {found:?}");
        }
        let command = name.trim_end_matches(".1");
        let subcommand = command.matches('-').count() > 1;
        assert!(
            subcommand
                || name == "pathweave.1"
                || program.contains(&format!("{}(1)", command.replace('-', "\\-"))),
            "{name}: the program's page does not name it"
        );
        assert!(!read(&name).contains("worker"), "{name}");
        pages += 1;
    }
    // Every command that help lists, `data` with three below it, `export` with four; none that it hides.
    let help = place.good(&["--help"]);
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed = listed.take_while(|line| !line.is_empty());
    let listed = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    assert_eq!(pages, listed.filter(|line| !line.starts_with("  help")).count() + 1 + 3 + 4);
    for (page, example) in [("run", "digits"), ("metrics", "log.jsonl"), ("schema", "schema")] {
        let page = read(&format!("pathweave-{page}.1"));
        let from = page.find("EXAMPLES").expect("examples");
        assert!(page[from..].contains(example), "{example}");
    }
    assert!(!read("pathweave-run.1").contains("checkpoint-seconds"));
    // Where a formatter of manual pages is installed, it has nothing to complain of.
    let lint = ["-T", "lint", "-W", "error", "pathweave.1"];
    let mandoc = Command::new("mandoc").args(lint).current_dir(place.path("pages")).output();
    if let Ok(output) = mandoc {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn completions_know_commands_presets_and_experiments() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = place.good(&["completions", shell]);
        for word in ["reproduce", "--device", "intervene"] {
            let word = if shell == "fish" { word.trim_start_matches('-') } else { word };
            assert!(script.contains(word), "{shell}: {word}");
        }
        assert!(!script.contains("worker"), "{shell}");
    }
    let bash = place.good(&["completions", "bash"]);
    assert!(bash.contains("rules-mlp") && bash.contains("mittal/fig-2"));
    let zsh = place.good(&["completions", "zsh"]);
    assert!(zsh.contains("mittal/fig-2") && zsh.contains("_files"));
    // The parser takes files all the same.
    assert!(place.bad(&["show", "mine.toml"], 2).contains("mine.toml"));
    // Bash itself completes with it.
    let script = place.path("complete.bash");
    fs::write(&script, &bash).expect("written");
    let ask = "source ./complete.bash; COMP_WORDS=(pathweave run rules-m); COMP_CWORD=2; \
               _pathweave pathweave rules-m run; echo ${COMPREPLY[@]}";
    let bash = Command::new("bash").args(["-c", ask]).current_dir(place.path("")).output();
    if let Ok(output) = bash {
        let told = String::from_utf8_lossy(&output.stdout);
        assert_eq!(told.trim(), "rules-mlp rules-mha rules-modules");
    }
}

#[test]
fn pages_scripts_and_schema_come_as_json_too() {
    let place = Place::new();
    for args in [["man", "--json"], ["schema", "--json"], ["completions", "--json"]] {
        let args: Vec<&str> =
            args.into_iter().chain((args[0] == "completions").then_some("zsh")).collect();
        serde_json::from_str::<Value>(&place.good(&args)).expect("JSON");
    }
    place.good(&["schema", "--to", "spec.json"]);
    let written = fs::read_to_string(place.path("spec.json")).expect("written");
    assert_eq!(written, place.good(&["schema"]));
    assert!(place.bad(&["schema", "--to", "no/such/folder.json"], 1).contains("no/such"));
}
