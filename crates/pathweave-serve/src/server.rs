//! Connections: how many, how long, how much.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use pathweave_store::StoreError;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use crate::guard::Guard;
use crate::live::Watch;
use crate::site::Site;
use crate::token::{Token, TokenError};

/// Connections at once; more wait.
const CONNECTIONS: usize = 64;
/// Requests worked on at once.
const WORKERS: usize = 8;
/// A client has this long to send the head of a request.
const HEAD: Duration = Duration::from_secs(5);
/// A connection ends after this.
const LIFE: Duration = Duration::from_secs(3600);
/// Bytes of a request's line and headers.
const HEAD_BYTES: usize = 16 * 1024;
/// Headers of a request.
const HEADERS: usize = 64;
/// How often it is asked whether to stop.
const TICK: Duration = Duration::from_millis(100);

/// What to serve, and where.
#[derive(Clone, Debug)]
pub struct Serve {
    /// The folder of runs
    pub store: PathBuf,
    /// Where to listen; port 0 takes a free one
    pub address: SocketAddr,
    /// What a client must know. Where there is none and the address is not a loopback one, a token
    /// is made up.
    pub token: Option<Token>,
    /// Names besides the machine's loopback ones by which clients may ask for the page
    pub hosts: Vec<String>,
    /// Rest between two looks at the store
    pub refresh: Duration,
}

/// Where a page is served.
#[derive(Clone, Debug)]
pub struct Bound {
    /// The address, with the port that was taken
    pub address: SocketAddr,
    /// The page's address, with the token where there is one
    pub url: String,
}

/// Why a page is not served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Another program listens there.
    #[error("{0}: the port is taken; another one is taken by --address, port 0 takes a free one")]
    Taken(SocketAddr),
    /// The address cannot be listened at.
    #[error("{address}: {error}")]
    Address {
        /// The address
        address: SocketAddr,
        /// The system's words
        error: io::Error,
    },
    /// There is no such folder, or its index cannot be made.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// No token can be made up.
    #[error("{0}")]
    Token(#[from] TokenError),
    /// The system refuses threads.
    #[error("{0}")]
    System(#[from] io::Error),
}

/// Serves a page over a store until `stop` is true, which is asked ten times a second. `on_bound`
/// is told where as soon as the page can be reached.
///
/// # Errors
/// [`ServeError`] where it cannot begin.
pub fn serve(
    serve: Serve,
    on_bound: impl FnOnce(&Bound),
    stop: impl Fn() -> bool,
) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(WORKERS)
        .thread_name("pathweave-serve")
        .enable_all()
        .build()?;
    let address = serve.address;
    let listener =
        runtime.block_on(TcpListener::bind(address)).map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => ServeError::Taken(address),
            _ => ServeError::Address { address, error },
        })?;
    let address = listener.local_addr()?;
    let token = match serve.token {
        None if !address.ip().is_loopback() => Some(Token::random()?),
        token => token,
    };
    let site = Arc::new(Site::open(&serve.store)?);
    let guard = Guard::new(address, token, &serve.hosts);
    let bound = Bound { address, url: guard.url() };
    let router = site.router(guard);
    let watch = Watch::start(Arc::clone(&site), serve.refresh)?;
    on_bound(&bound);
    runtime.block_on(accept(&listener, &router, stop));
    watch.stop();
    // A download that goes on is cut.
    runtime.shutdown_timeout(Duration::from_secs(1));
    Ok(())
}

async fn accept(listener: &TcpListener, router: &Router, stop: impl Fn() -> bool) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    while !stop() {
        let place = timeout(TICK, Arc::clone(&places).acquire_owned()).await;
        let Ok(Ok(place)) = place else { continue };
        match timeout(TICK, listener.accept()).await {
            Ok(Ok((stream, _))) => {
                let answering = timeout(LIFE, answer(stream, router.clone()));
                tokio::spawn(async move {
                    // A connection that breaks is its client's affair.
                    _ = answering.await;
                    drop(place);
                });
            }
            // Such as no file descriptor left: some connection must end first.
            Ok(Err(_)) => sleep(TICK).await,
            Err(_) => {}
        }
    }
}

async fn answer(stream: TcpStream, router: Router) -> Result<(), hyper::Error> {
    _ = stream.set_nodelay(true);
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_header_size(HEAD_BYTES)
        .max_headers(HEADERS)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
        .await
}
