//! How a run routes: from its routing log, or on rule data from the activation of its modules.

use std::io::Read;

use pathweave_eval::flow::{FlowLimits, PathFlow};
use pathweave_eval::joint::Joint;
use pathweave_eval::log::{RoutingLog, columns, jsonl};
use pathweave_eval::plot::{HeatMap, PathDiagram, RoutingMap};
use pathweave_store::{ACTIVATION, ROUTING_JSONL, ROUTING_PARQUET};

use crate::files::{Refused, RunFiles};

/// Most bytes of a log that are read; of a compressed one, also without compression.
const LIMIT: u64 = 64 * 1024 * 1024;
const UNPACKED: u64 = 512 * 1024 * 1024;
/// Most rows of a log.
const ROWS: u64 = 4_000_000;
/// Bytes of a log's beginning that tell whether several agents decided.
const PEEK: u64 = 4096;
/// Most bytes of an activation.
const TABLE: u64 = 4 * 1024 * 1024;
/// What a picture shows at most.
const CONTEXTS: usize = 100;
const CELLS: usize = 6000;

/// Contexts or rules by modules.
pub(super) fn activation(files: &RunFiles, title: &str) -> Result<Option<String>, Refused> {
    if let Some(text) = files.text(ACTIVATION, TABLE)? {
        let joint = joint(&text).map_err(|what| Refused::broken(ACTIVATION, what))?;
        let contexts = joint.seen().len();
        return Ok(Some(match fits(contexts, joint.modules(), contexts * joint.modules()) {
            Some(why) => pathweave_eval::plot::notice(title, &why),
            None => HeatMap::of_joint(title, &joint, &[]).to_svg(),
        }));
    }
    drawn(files, |log| Some(HeatMap::of_log(title, log).ok()?.to_svg()), title)
}

/// The most frequent module of each context.
pub(super) fn map(files: &RunFiles, title: &str) -> Result<Option<String>, Refused> {
    drawn(files, |log| Some(RoutingMap::of_log(title, log).ok()?.to_svg()), title)
}

/// Whom the dispatcher sends contexts to.
pub(super) fn agents(files: &RunFiles, title: &str) -> Result<Option<String>, Refused> {
    drawn(files, |log| Some(HeatMap::of_agents(title, log).ok()?.to_svg()), title)
}

/// The flow of contexts through modules: it gathers, so it is drawn of any size.
pub(super) fn paths(files: &RunFiles, title: &str) -> Result<Option<String>, Refused> {
    let Some(log) = read(files)? else { return Ok(None) };
    let flow = PathFlow::of_log(&log, FlowLimits::default());
    let flow = flow.map_err(|error| Refused::broken(ROUTING_JSONL, error))?;
    Ok(Some(PathDiagram { title: title.to_owned(), flow }.to_svg()))
}

/// Whether the log names who decided.
pub(super) fn has_agents(files: &RunFiles) -> bool {
    let Ok(Some((file, _))) = files.file(ROUTING_JSONL) else { return false };
    let mut bytes = Vec::new();
    let read = file.take(PEEK).read_to_end(&mut bytes);
    read.is_ok() && String::from_utf8_lossy(&bytes).contains("\"agent\":")
}

/// The log's picture, or why it is too large for one.
fn drawn(
    files: &RunFiles,
    draw: impl FnOnce(&RoutingLog) -> Option<String>,
    title: &str,
) -> Result<Option<String>, Refused> {
    let Some(log) = read(files)? else { return Ok(None) };
    let header = log.header();
    let contexts = header.contexts.len().max(header.conditions.len()).max(1);
    let widest = (0..header.depths()).map(|depth| header.choices(depth)).max().unwrap_or(0);
    let all: usize = header.modules.iter().fold(0, |sum, &modules| sum.saturating_add(modules));
    match fits(contexts, widest, contexts.saturating_mul(all)) {
        Some(why) => Ok(Some(pathweave_eval::plot::notice(title, &why))),
        None => Ok(draw(&log)),
    }
}

/// Why a picture would be too large to be read.
fn fits(contexts: usize, modules: usize, cells: usize) -> Option<String> {
    (contexts > CONTEXTS || cells > CELLS).then(|| {
        format!(
            "{contexts} contexts and up to {modules} modules a depth are too many for this \
             picture. The path diagram gathers the rare ones."
        )
    })
}

/// The routing log; none where there is none.
fn read(files: &RunFiles) -> Result<Option<RoutingLog>, Refused> {
    if let Some(bytes) = files.bytes(ROUTING_JSONL, LIMIT)? {
        let log = jsonl::read(&bytes[..], ROUTING_JSONL);
        return log.map(Some).map_err(|error| Refused::broken(ROUTING_JSONL, error));
    }
    let name = ROUTING_PARQUET;
    let Some((file, size)) = files.file(name)? else { return Ok(None) };
    let too_large = |size, limit| Refused::TooLarge { name: name.to_owned(), size, limit };
    if size > LIMIT {
        return Err(too_large(size, LIMIT));
    }
    let again = file.try_clone().map_err(|error| Refused::broken(name, error))?;
    if let Some((rows, bytes)) = columns::extent(again) {
        if bytes > UNPACKED {
            return Err(too_large(bytes, UNPACKED));
        }
        if rows > ROWS {
            return Err(Refused::broken(name, format!("{rows} rows, at most {ROWS} are read")));
        }
    }
    columns::read(file, name).map(Some).map_err(|error| Refused::broken(name, error))
}

/// p(m, r) from lines `rule,module,p`, each rule and module in order.
fn joint(text: &str) -> Result<Joint, String> {
    let mut matrix: Vec<Vec<f64>> = Vec::new();
    for (at, line) in text.lines().enumerate().skip(1) {
        let fault = || format!("line {}: found {line:?}, expected rule,module,p", at + 1);
        let parts: Vec<&str> = line.split(',').collect();
        let [rule, module, p] = parts.as_slice() else { return Err(fault()) };
        let place = |word: &str| word.parse::<usize>().ok();
        let (rule, module) = place(rule).zip(place(module)).ok_or_else(fault)?;
        let p: f64 = p.parse().map_err(|_| fault())?;
        if rule == matrix.len() {
            matrix.push(Vec::new());
        }
        match matrix.get_mut(rule) {
            Some(row) if row.len() == module => row.push(p),
            _ => return Err(fault()),
        }
    }
    Joint::from_matrix(&matrix).map_err(|error| error.to_string())
}
