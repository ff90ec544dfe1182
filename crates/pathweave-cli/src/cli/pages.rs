//! Arguments of the commands that print what others read: editors, shells, `man`.

use std::path::PathBuf;

use clap::Args;

/// Where to.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = SCHEMA_HELP)]
pub struct SchemaArgs {
    /// Writes the schema into this file
    #[arg(long = "to", value_name = "FILE")]
    pub to: Option<PathBuf>,
}

const SCHEMA_HELP: &str = "\
The schema (JSON Schema, draft 7) says which keys a spec file may have, their values, defaults and \
ranges, and what they mean. Editors complete and check with it; the program itself does not need it, \
and also checks what settings have to do with each other.

Examples:
  pathweave schema --to pathweave.schema.json

VS Code with Even Better TOML, and every other editor with Taplo, reads the first line of a spec:
  #:schema ./pathweave.schema.json

or, for all specs of a folder, its file .taplo.toml:
  [[rule]]
  include = [\"specs/*.toml\"]
  [rule.schema]
  path = \"./pathweave.schema.json\"

To check files without an editor:
  taplo check mine.toml";

/// For which shell.
#[derive(Args, Clone, Debug)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// Where to.
#[derive(Args, Clone, Debug)]
pub struct ManArgs {
    /// Writes one page a command into this folder
    #[arg(long = "to", value_name = "DIR")]
    pub to: Option<PathBuf>,
}
