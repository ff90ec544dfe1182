//! The secret that opens the page where other machines can reach it.

use std::str::FromStr;

use sha2::{Digest, Sha256};

/// Fewest characters of a token: as many as 95 bits of letters and digits.
const FEWEST: usize = 16;
/// Most characters of a token.
const MOST: usize = 128;

/// A secret: 16 to 128 letters, digits, `-` and `_`.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

/// A text that is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Its form
    #[error("allowed: {FEWEST} to {MOST} letters, digits, - and _")]
    Form,
    /// The system gives no random bytes
    #[error("the system gives no random numbers")]
    NoRandom,
}

impl Token {
    /// A new one of 128 bits from the system.
    ///
    /// # Errors
    /// [`TokenError::NoRandom`] where the system gives none.
    pub fn random() -> Result<Self, TokenError> {
        let mut bytes = [0_u8; 16];
        getrandom::fill(&mut bytes).map_err(|_| TokenError::NoRandom)?;
        Ok(Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
    }

    /// As it stands in an address.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Whether a text is this token. The time it takes tells nothing of the token: hashes are
    /// compared, and nobody knows how the hash of a guess begins to differ from that of the token.
    pub(crate) fn is(&self, text: &str) -> bool {
        text.len() <= MOST && Sha256::digest(text) == Sha256::digest(&self.0)
    }
}

impl FromStr for Token {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        let plain = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_');
        let good = (FEWEST..=MOST).contains(&text.len()) && text.bytes().all(plain);
        good.then(|| Self(text.to_owned())).ok_or(TokenError::Form)
    }
}

/// Never shown by accident.
impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_itself_only() {
        let token = Token::random().expect("random");
        assert_ne!(token, Token::random().expect("random"));
        assert_eq!(token.text().parse(), Ok(token.clone()));
        assert!(token.is(token.text()));
        assert!(!token.is(&token.text()[1..]) && !token.is(""));
        assert!(!format!("{token:?}").contains(token.text()));
    }

    #[test]
    fn a_token_fits_into_an_address() {
        for bad in ["", "short", "sixteen letters;", "0123456789abcde\n", &"a".repeat(129)] {
            assert_eq!(bad.parse::<Token>(), Err(TokenError::Form), "{bad:?}");
        }
    }
}
