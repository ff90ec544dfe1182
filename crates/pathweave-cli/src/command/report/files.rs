//! The files of a report.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use pathweave_eval::report::Report;
use pathweave_eval::table::{self, Summary};
use pathweave_store::{write_atomic, write_text};
use rayon::prelude::*;
use serde_json::Value;

use super::DATA;
use crate::error::CliError;
use crate::picture;

/// Writes a report's page, its Markdown and pictures, the table and its JSON; gives the page's path.
///
/// # Errors
/// Where a file cannot be written.
pub fn write(
    folder: &Path,
    report: &Report,
    rows: &[Summary],
    json: &Value,
) -> Result<PathBuf, CliError> {
    let page = write_pages(folder, report, json)?;
    write_text(&folder.join("table.csv"), &table::to_csv(rows))?;
    Ok(page)
}

/// Writes a report's page, its Markdown and pictures as SVG, and its JSON; gives the page's path.
///
/// # Errors
/// Where a file cannot be written.
pub fn write_pages(folder: &Path, report: &Report, json: &Value) -> Result<PathBuf, CliError> {
    fs::create_dir_all(folder).map_err(|error| CliError::file(folder, error))?;
    for (name, svg) in report.figures() {
        write_text(&folder.join(name), svg)?;
    }
    write_text(&folder.join("report.md"), &report.to_markdown(""))?;
    write_text(&folder.join(DATA), &format!("{json:#}\n"))?;
    let page = folder.join("report.html");
    write_text(&page, &report.to_html())?;
    Ok(page)
}

/// Writes every picture of a report as PNG beside its SVG.
///
/// # Errors
/// Where one cannot be drawn or written.
pub fn write_pngs(folder: &Path, report: &Report) -> Result<(), CliError> {
    report.figures().par_iter().try_for_each(|(name, svg)| {
        let path = folder.join(name).with_extension("png");
        let png = picture::png(svg).map_err(|error| CliError::file(&path, error))?;
        Ok(write_atomic(&path, |to| to.write_all(&png))?)
    })
}
