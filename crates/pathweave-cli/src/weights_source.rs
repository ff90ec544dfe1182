//! Where `model.text.transformer.weights` leads: a file of pretrained blocks, and its content hash.

use std::path::Path;

use pathweave::spec::RunSpec;

use crate::error::CliError;
use crate::replay_source::hash;

/// Replaces each `model.text.transformer.weights` by the file it means and fills in the hash of its
/// content.
///
/// # Errors
/// [`CliError::Spec`] with every file that is not there or has changed.
pub fn resolve(mut specs: Vec<RunSpec>) -> Result<Vec<RunSpec>, CliError> {
    const KEY: &str = "model.text.transformer.weights";
    let mut faults = Vec::new();
    for spec in &mut specs {
        let settings = &mut spec.model.text.transformer;
        if settings.weights.is_empty() {
            continue;
        }
        let path = std::fs::canonicalize(Path::new(&settings.weights));
        let found = path.map_err(|error| error.to_string());
        match found.and_then(|path| Ok((hash(&path)?, path))) {
            Ok((hash, _))
                if !settings.weights_sha256.is_empty() && settings.weights_sha256 != hash =>
            {
                faults.push(format!(
                    "{KEY}: found {}, whose content has changed since its hash was noted, allowed: \
                     a file with the SHA-256 {}",
                    settings.weights, settings.weights_sha256
                ));
            }
            Ok((hash, path)) => {
                settings.weights = path.display().to_string();
                settings.weights_sha256 = hash;
            }
            Err(fault) => faults.push(format!(
                "{KEY}: found {:?}: {fault}, allowed: a safetensors file of pretrained blocks",
                settings.weights
            )),
        }
    }
    if faults.is_empty() {
        return Ok(specs);
    }
    faults.dedup();
    Err(CliError::Spec(faults))
}
