//! Looks at the store again and again, so that no request has to.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant, SystemTime};

use pathweave_store::StoreError;
use pathweave_store::index::{INDEX, Index, Refreshed};
use pathweave_store::query::{Field, Filter, QueryError};

use crate::site::{Facet, Known, Site};

/// At most this share of the time is spent on looking.
const SHARE: u32 = 4;
/// Fields whose values are offered; those of settings are found by the index.
const FIELDS: [&str; 4] = ["model", "dataset", "sweep", "seed"];
/// What stands before the name of a metric that a field has too.
pub(crate) const METRIC: &str = "metric:";
/// Values that are offered of one key.
const VALUES: usize = 60;

/// The thread that looks.
pub(crate) struct Watch {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Watch {
    /// Begins to look, with at least `rest` between two looks.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub(crate) fn start(site: Arc<Site>, rest: Duration) -> io::Result<Self> {
        let (stop, stopped) = channel();
        let thread = Builder::new().name("pathweave-look".into()).spawn(move || {
            loop {
                let begun = Instant::now();
                look(&site);
                let rest = rest.max(begun.elapsed() * SHARE);
                if stopped.recv_timeout(rest) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
            }
        })?;
        Ok(Self { stop, thread })
    }

    /// Ends after the look that goes on.
    pub(crate) fn stop(self) {
        drop(self.stop);
        // Where it panicked there is nothing left to end.
        _ = self.thread.join();
    }
}

/// Looks once, and tells what changed.
pub(crate) fn look(site: &Site) {
    let refreshed = site.refresh();
    let before = site.known();
    let fault = match &refreshed {
        Ok(refreshed) => (!refreshed.faults.is_empty()).then(|| refreshed.faults.join("; ")),
        Err(error) => Some(error.to_string()),
    };
    let changed = refreshed.is_ok_and(|Refreshed { changed, .. }| changed > 0);
    // Another process may have written down what changed before this one looked.
    let written = written(site);
    if before.ready && !changed && before.written == written && before.fault == fault {
        return;
    }
    let known = site.ask(|index| {
        let fields = FIELDS.iter().map(|field| of_field(index, field));
        let settings = index.varying()?.into_iter().map(|setting| {
            let values = setting.values.iter().map(ToString::to_string);
            Ok(Facet { key: setting.key, values: values.collect() })
        });
        let facets = fields.chain(settings).collect::<Result<Vec<_>, QueryError>>()?;
        let told = |facet: &Facet| (2..=VALUES).contains(&facet.values.len());
        let facets = facets.into_iter().filter(told).collect();
        let metrics = index.metrics()?.into_iter().map(key_of_metric).collect();
        Ok::<_, QueryError>((metrics, facets))
    });
    let known = match known {
        Ok((metrics, facets)) => Known { ready: true, metrics, facets, fault, written },
        Err(error) => Known { fault: Some(error.to_string()), ..Known::clone(&before) },
    };
    site.learn(known);
}

fn written(site: &Site) -> Option<SystemTime> {
    std::fs::symlink_metadata(site.store().join(INDEX)).and_then(|found| found.modified()).ok()
}

/// A metric as it is asked for: where a field has its name, it has to be said which is meant.
fn key_of_metric(name: String) -> String {
    if Field::of(&name).is_some() { format!("{METRIC}{name}") } else { name }
}

fn of_field(index: &Index, field: &str) -> Result<Facet, QueryError> {
    let groups = index.groups(&Filter::default(), &[field.to_owned()], &[])?;
    let values = groups.into_iter().filter_map(|group| group.key.into_iter().next());
    let values = values.filter(|value| !value.is_empty()).collect();
    Ok(Facet { key: field.to_owned(), values })
}

/// So that a fault of the store is told as one of the index is.
pub(crate) type Looked = Result<Refreshed, StoreError>;
