//! Pictures of one run, drawn from its files.

use pathweave_eval::plot::CurvePlot;

use crate::files::{Refused, RunFiles};

/// A picture that a run's files allow.
pub(crate) struct Figure {
    /// Its name in addresses: letters, digits and `-`
    pub(crate) name: &'static str,
    /// Its heading
    pub(crate) title: &'static str,
    /// The files from which it is drawn: it is drawn anew when they change
    pub(crate) files: &'static [&'static str],
}

/// The pictures that the files of this run allow, in the order of the page.
pub(crate) fn of_run(_files: &RunFiles) -> Vec<Figure> {
    Vec::new()
}

/// A picture as an SVG document; none where there is none of that name, or no file for it.
///
/// # Errors
/// Where a file is refused or broken.
pub(crate) fn draw(_files: &RunFiles, _name: &str) -> Result<Option<String>, Refused> {
    Ok(None)
}

/// A picture that says why there is no other.
pub(crate) fn notice(text: &str) -> String {
    CurvePlot { title: text.to_owned(), panels: Vec::new() }.to_svg()
}
