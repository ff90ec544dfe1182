//! What the pages are made from, and which page an address names.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::get;
use pathweave_store::index::{Index, Row};
use pathweave_store::{StoreError, is_id};

use crate::guard::{Guard, check};
use crate::live::Looked;
use crate::page::frame;
use crate::{answer, api, asset, download, page};

/// A store and what is known of it.
pub(crate) struct Site {
    store: PathBuf,
    index: Mutex<Index>,
    known: RwLock<Arc<Known>>,
    /// When the site was opened: a stamp of one site is none of another
    born: u128,
    generation: AtomicU64,
}

/// What the pages of the table offer, found once for each change of the store.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    /// Whether the store was looked at
    pub(crate) ready: bool,
    /// Keys of metrics: their names, but for those that fields have too
    pub(crate) metrics: Vec<String>,
    /// Fields and settings of which there are a few values
    pub(crate) facets: Vec<Facet>,
    /// What was wrong when the store was last looked at
    pub(crate) fault: Option<String>,
    /// When the file of the index was last written
    pub(crate) written: Option<SystemTime>,
}

/// A key and the values that runs have.
#[derive(Clone, Debug)]
pub(crate) struct Facet {
    /// A field or a setting
    pub(crate) key: String,
    /// In order
    pub(crate) values: Vec<String>,
}

impl Site {
    /// # Errors
    /// Where there is no such folder, or no index of it can be made.
    pub(crate) fn open(store: &Path) -> Result<Self, StoreError> {
        if !store.is_dir() {
            return Err(StoreError::file(store, "there is no such folder of runs"));
        }
        let born = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(Self {
            born: born.as_nanos(),
            store: store.to_owned(),
            index: Mutex::new(Index::open(store)?),
            known: RwLock::default(),
            generation: AtomicU64::new(0),
        })
    }

    pub(crate) fn store(&self) -> &Path {
        &self.store
    }

    /// Looks at the store.
    pub(crate) fn refresh(&self) -> Looked {
        self.index.lock().unwrap_or_else(PoisonError::into_inner).refresh()
    }

    /// Asks the index.
    pub(crate) fn ask<T>(&self, ask: impl FnOnce(&Index) -> T) -> T {
        ask(&self.index.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A run; none where the store has none of this id, or was not looked at yet.
    pub(crate) fn row(&self, id: &str) -> Option<Row> {
        let ask = is_id(id) && self.known().ready;
        ask.then(|| self.ask(|index| index.run(id)))?.ok()?
    }

    /// What is known now.
    pub(crate) fn known(&self) -> Arc<Known> {
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Tells what is known from now on.
    pub(crate) fn learn(&self, known: Known) {
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(known);
        self.generation.fetch_add(1, Ordering::SeqCst);
    }

    /// A text that is another one after every change of the store.
    pub(crate) fn stamp(&self) -> String {
        format!("{:x}-{:x}", self.born, self.generation.load(Ordering::SeqCst))
    }

    /// Every address, behind the guard.
    pub(crate) fn router(self: &Arc<Self>, guard: Guard) -> Router {
        Router::new()
            .route("/", get(page::table))
            .route("/run/{id}", get(page::run))
            .route("/run/{id}/figure/{name}", get(page::figure))
            .route("/run/{id}/file/{name}", get(download::file))
            .route("/compare", get(page::compare))
            .route("/compare/figure/{name}", get(page::compare_figure))
            .route("/api/runs", get(api::runs))
            .route("/api/run/{id}", get(api::run))
            .route("/api/run/{id}/curves", get(api::curves))
            .route("/asset/{name}", get(asset::asset))
            .fallback(nowhere)
            .layer(from_fn_with_state(Arc::new(guard), check))
            .with_state(Arc::clone(self))
    }
}

async fn nowhere() -> Response {
    answer::html(StatusCode::NOT_FOUND, frame::notice("Not found", "There is no such page."))
}
