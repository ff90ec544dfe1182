//! Requests to an MLflow server.

use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::Response;

use crate::error::CliError;

/// How often a request is made that meets a busy server or a broken line.
const TRIES: u32 = 4;
/// The first pause between two tries; each later one is twice as long.
const PAUSE: Duration = Duration::from_millis(200);
/// A request that takes longer has failed.
const LIMIT: Duration = Duration::from_secs(60);
/// The longest answer that is read, in bytes.
const LONGEST: u64 = 64 << 20;
/// Letters of an answer that is no JSON that are shown.
const SHOWN: usize = 200;

/// A server.
pub struct Client {
    agent: Agent,
    base: String,
    authorization: Option<String>,
}

/// A request that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The server's word for it, such as `RESOURCE_DOES_NOT_EXIST`; empty where it said none
    pub code: String,
    what: String,
    /// Whether another try may go better.
    passing: bool,
}

impl Fault {
    /// An answer that is of no use.
    pub fn said(what: String) -> Self {
        Self { code: String::new(), what, passing: false }
    }
}

impl From<Fault> for CliError {
    fn from(fault: Fault) -> Self {
        Self::Internal(fault.what)
    }
}

impl Client {
    /// Of an address; credentials are those of the environment, under MLflow's own names.
    ///
    /// # Errors
    /// [`CliError::Usage`] where it is no address of a server.
    pub fn new(url: &str) -> Result<Self, CliError> {
        let base = url.trim().trim_end_matches('/');
        if !base.starts_with("http://") && !base.starts_with("https://") {
            let text = format!("--url {url}: allowed: http://HOST:PORT or https://HOST");
            return Err(CliError::Usage(text));
        }
        let config =
            Agent::config_builder().http_status_as_error(false).timeout_global(Some(LIMIT));
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        Ok(Self {
            agent: config.build().into(),
            base: format!("{base}/api/2.0/mlflow"),
            authorization: authorization(variable),
        })
    }

    /// Asks.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Value, Fault> {
        let url = format!("{}/{path}", self.base);
        retried(|| {
            let mut request = self.agent.get(&url);
            for (name, value) in query {
                request = request.query(name, value);
            }
            if let Some(authorization) = &self.authorization {
                request = request.header("Authorization", authorization);
            }
            self.answer(path, request.call())
        })
    }

    /// Tells something that does no harm when told twice.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn post(&self, path: &str, body: &Value) -> Result<Value, Fault> {
        retried(|| self.post_once(path, body))
    }

    /// Tells something once.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn post_once(&self, path: &str, body: &Value) -> Result<Value, Fault> {
        let url = format!("{}/{path}", self.base);
        let mut request = self.agent.post(&url).header("Content-Type", "application/json");
        if let Some(authorization) = &self.authorization {
            request = request.header("Authorization", authorization);
        }
        self.answer(path, request.send(body.to_string()))
    }

    fn answer(
        &self,
        path: &str,
        answer: Result<Response<ureq::Body>, ureq::Error>,
    ) -> Result<Value, Fault> {
        let place = format!("{}/{path}", self.base);
        let broken = |error: ureq::Error| {
            let what = format!("{place}: cannot be reached: {error}");
            Fault { code: String::new(), what, passing: true }
        };
        let mut answer = answer.map_err(broken)?;
        let status = answer.status().as_u16();
        let text = answer.body_mut().with_config().limit(LONGEST).read_to_string();
        let text = text.map_err(broken)?;
        let body: Result<Value, _> = serde_json::from_str(&text);
        if status == 200 {
            return body.map_err(|_| {
                Fault::said(format!("{place}: the answer is no JSON: is it MLflow?"))
            });
        }
        let body = body.unwrap_or_else(|_| json!({}));
        let code = body["error_code"].as_str().unwrap_or_default().to_owned();
        let words = body["message"].as_str().map(str::to_owned);
        let words = words.unwrap_or_else(|| text.chars().take(SHOWN).collect());
        let hint = match status {
            401 | 403 => {
                " (MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and \
                 MLFLOW_TRACKING_PASSWORD, are sent where they are set)"
            }
            _ => "",
        };
        let said = [code.as_str(), words.trim()].into_iter().filter(|text| !text.is_empty());
        let said = said.collect::<Vec<_>>().join(": ");
        let what = format!("{place}: the server answered {status}: {said}{hint}");
        Err(Fault { code, what, passing: status == 429 || status >= 500 })
    }
}

/// A bearer token, or name and password.
fn authorization(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    if let Some(token) = variable("MLFLOW_TRACKING_TOKEN") {
        return Some(format!("Bearer {token}"));
    }
    let name = variable("MLFLOW_TRACKING_USERNAME")?;
    let password = variable("MLFLOW_TRACKING_PASSWORD").unwrap_or_default();
    Some(format!("Basic {}", BASE64_STANDARD.encode(format!("{name}:{password}"))))
}

fn retried(mut request: impl FnMut() -> Result<Value, Fault>) -> Result<Value, Fault> {
    let mut pause = PAUSE;
    for _ in 1..TRIES {
        match request() {
            Err(fault) if fault.passing => thread::sleep(pause),
            other => return other,
        }
        pause *= 2;
    }
    request()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_those_of_mlflow() {
        let of = |pairs: &'static [(&str, &str)]| {
            authorization(move |name| {
                let found = pairs.iter().find(|(of, _)| *of == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        let name = ("MLFLOW_TRACKING_USERNAME", "Aladdin");
        let password = ("MLFLOW_TRACKING_PASSWORD", "open sesame");
        // The example of RFC 7617.
        let basic = of(Box::leak(Box::new([name, password])));
        assert_eq!(basic.as_deref(), Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
        let token = of(Box::leak(Box::new([name, password, ("MLFLOW_TRACKING_TOKEN", "t")])));
        assert_eq!(token.as_deref(), Some("Bearer t"));
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn what_is_no_address_is_told() {
        for url in ["", "localhost:5000", "sqlite:///x"] {
            assert!(matches!(Client::new(url), Err(CliError::Usage(_))), "{url}");
        }
    }
}
