//! Networks for sentence pairs.

mod lstm;
mod lstm_oracle;
mod toy;
mod words;
