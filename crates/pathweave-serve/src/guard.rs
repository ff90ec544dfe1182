//! What stands before every page: who may ask, for what, in which words; and what every answer
//! tells the browser not to do.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, COOKIE, HOST, HeaderName,
    LOCATION, REFERRER_POLICY, SET_COOKIE, TRANSFER_ENCODING, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::answer;
use crate::page::frame;
use crate::token::Token;

/// Of the pages. Styles and scripts come from files of this program only.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                      img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; \
                      base-uri 'none'; form-action 'self'";
/// Bytes of an address.
const ADDRESS: usize = 8 * 1024;
/// The part of an address that holds the token.
const PARAMETER: &str = "token=";

/// Who may ask.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    address: SocketAddr,
    token: Option<Token>,
    hosts: Vec<String>,
}

impl Guard {
    pub(crate) fn new(address: SocketAddr, token: Option<Token>, hosts: &[String]) -> Self {
        let hosts = hosts.iter().map(|host| host.to_ascii_lowercase()).collect();
        Self { address, token, hosts }
    }

    /// The page's address, with the token where there is one.
    pub(crate) fn url(&self) -> String {
        let host = match (self.address.ip().is_unspecified(), self.hosts.first()) {
            (true, Some(host)) => format!("{host}:{}", self.address.port()),
            _ => self.address.to_string(),
        };
        let token = self.token.as_ref().map(|token| format!("?{PARAMETER}{}", token.text()));
        format!("http://{host}/{}", token.unwrap_or_default())
    }

    /// Whether a host that a request names is this machine, or a name that was allowed. The port is
    /// not looked at: a tunnel has its own. Where a token is needed any number is allowed too: only
    /// names can be made to lead here by somebody else.
    fn knows(&self, host: &str) -> bool {
        let name = match host.strip_prefix('[') {
            Some(six) => six.split_once(']').map_or("", |(name, _)| name),
            None => host.rsplit_once(':').map_or(host, |(name, _)| name),
        };
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let number = name.parse::<IpAddr>();
        number.is_ok_and(|ip| ip.is_loopback() || ip == self.address.ip() || self.token.is_some())
            || name == "localhost"
            || self.hosts.contains(&name)
    }

    /// Cookies are shared between ports, so the port is in the name.
    fn cookie(&self) -> String {
        format!("pathweave-{}=", self.address.port())
    }

    /// What is wrong with a request; the answer to it.
    fn refuse(&self, request: &Request) -> Option<Response> {
        let plain = |status, text: &str| Some(answer::plain(status, text));
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let allow = [(ALLOW, "GET, HEAD")];
            let text = answer::plain(StatusCode::METHOD_NOT_ALLOWED, "this page only reads\n");
            return Some((allow, text).into_response());
        }
        let headers = request.headers();
        let empty = headers.get(CONTENT_LENGTH).is_none_or(|length| length == "0");
        if !empty || headers.contains_key(TRANSFER_ENCODING) {
            return plain(StatusCode::PAYLOAD_TOO_LARGE, "no request here has a body\n");
        }
        if length(request.uri()) > ADDRESS {
            return plain(StatusCode::URI_TOO_LONG, "the address is too long\n");
        }
        let mut hosts = headers.get_all(HOST).iter().map(|host| host.to_str().unwrap_or_default());
        let named = hosts.next().or(request.uri().authority().map(|named| named.as_str()));
        let knows = |host: &str| self.knows(host);
        let all = named.is_some_and(knows)
            && hosts.all(knows)
            && request.uri().authority().is_none_or(|named| knows(named.as_str()));
        if !all {
            let text = "this page answers to the names of its own machine only; \
                        others are allowed by --host\n";
            return plain(StatusCode::FORBIDDEN, text);
        }
        self.token.as_ref().and_then(|token| self.without(token, request))
    }

    /// The answer to a request that does not show the token as a cookie: where its address has the
    /// token, the same address without it, and the cookie.
    fn without(&self, token: &Token, request: &Request) -> Option<Response> {
        let query = request.uri().query().unwrap_or_default();
        let mut parts = query.split('&');
        if let Some(shown) = parts.clone().find_map(|part| part.strip_prefix(PARAMETER))
            && token.is(shown)
        {
            let rest: Vec<&str> = parts.by_ref().filter(|p| !p.starts_with(PARAMETER)).collect();
            // Two slashes would begin the name of another machine.
            let path = request.uri().path().trim_start_matches(['/', '\\']);
            let mark = if rest.is_empty() { "" } else { "?" };
            let to = format!("/{path}{mark}{}", rest.join("&"));
            let cookie = self.cookie();
            let cookie = format!("{cookie}{}; Path=/; HttpOnly; SameSite=Strict", token.text());
            return Some(
                (StatusCode::SEE_OTHER, [(LOCATION, to), (SET_COOKIE, cookie)]).into_response(),
            );
        }
        let cookies = request.headers().get_all(COOKIE).iter();
        let cookies = cookies.filter_map(|cookies| cookies.to_str().ok());
        let name = self.cookie();
        let mut shown = cookies
            .flat_map(|cookies| cookies.split(';'))
            .filter_map(|cookie| cookie.trim().strip_prefix(&name));
        if shown.any(|shown| token.is(shown)) {
            return None;
        }
        let text = "This page needs its token. Open the address that the program printed.";
        Some(answer::html(StatusCode::UNAUTHORIZED, frame::notice("No token", text)))
    }
}

/// Lets a request through, or answers it; adds to every answer what the browser must know.
pub(crate) async fn check(
    State(guard): State<Arc<Guard>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = match guard.refuse(&request) {
        Some(refused) => refused,
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY));
    let always = [
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in always {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn length(uri: &Uri) -> usize {
    uri.path().len() + uri.query().map_or(0, str::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(address: &str, token: bool) -> Guard {
        let token = token.then(|| "0123456789abcdef".parse().expect("a token"));
        Guard::new(address.parse().expect("an address"), token, &["Node7".to_owned()])
    }

    #[test]
    fn only_names_of_this_machine_are_known() {
        let local = guard("127.0.0.1:8630", false);
        for host in
            ["127.0.0.1:8630", "localhost", "LOCALHOST:9", "[::1]:1", "127.1.2.3", "node7:1"]
        {
            assert!(local.knows(host), "{host}");
        }
        for host in ["", "evil.example:8630", "10.0.0.1", "localhost.evil.example", "[::2]", ":80"]
        {
            assert!(!local.knows(host), "{host}");
        }
        let open = guard("0.0.0.0:8630", true);
        assert!(open.knows("10.0.0.1:8630") && !open.knows("evil.example"));
    }

    #[test]
    fn the_address_is_one_that_can_be_opened() {
        assert_eq!(guard("127.0.0.1:1", false).url(), "http://127.0.0.1:1/");
        assert_eq!(guard("0.0.0.0:1", true).url(), "http://node7:1/?token=0123456789abcdef");
    }
}
