//! `/compare`: runs or groups side by side.

use super::frame;
use crate::site::Site;

/// The page. `pairs` are the parameters of the address in order: `run=ID` several times, or
/// `filter=…` and `by=…`.
pub(crate) fn page(_site: &Site, _pairs: &[(String, String)]) -> String {
    frame::notice("Comparison", "Nothing to compare.")
}
