//! TensorBoard event files: scalars that the `tensorboard` program reads.
//!
//! A file is a sequence of TFRecord frames (`tensorflow/core/lib/io/record_writer.h`): length as
//! u64, masked CRC of the length, payload, masked CRC of the payload, all little endian. The
//! payload is an `Event` message (`tensorflow/core/util/event.proto`) whose few fields are
//! encoded here by hand; the first one holds the file version.

mod hparams;

use std::io::{self, Write};

const FILE_VERSION: &str = "brain.Event:2";

/// Wire types of the protobuf encoding.
const VARINT: u8 = 0;
const FIXED64: u8 = 1;
const BYTES: u8 = 2;
const FIXED32: u8 = 5;

/// Writes scalars to an event file, unbuffered: hand it a `BufWriter` and flush that.
///
/// TensorBoard finds a file by a name that contains `tfevents`, such as
/// `events.out.tfevents.0`.
#[derive(Debug)]
pub struct EventWriter<W: Write> {
    writer: W,
}

impl<W: Write> EventWriter<W> {
    /// Starts a file: writes the file version with `wall_time`, in seconds since 1970, which
    /// TensorBoard takes for the start of the run.
    ///
    /// # Errors
    ///
    /// When writing fails.
    pub fn new(writer: W, wall_time: f64) -> io::Result<Self> {
        let mut this = Self { writer };
        let mut event = header(wall_time, 0);
        bytes(&mut event, 3, FILE_VERSION.as_bytes());
        this.frame(&event)?;
        Ok(this)
    }

    /// Writes `value` of `tag` at `step`; `wall_time` in seconds since 1970.
    ///
    /// The format holds values as f32 and steps as i64: a larger step is an error.
    ///
    /// # Errors
    ///
    /// When writing fails, or `InvalidInput` for a step beyond `i64::MAX`.
    pub fn scalar(&mut self, tag: &str, step: u64, wall_time: f64, value: f32) -> io::Result<()> {
        if i64::try_from(step).is_err() {
            let fault = format!("step {step} is beyond what an event file holds ({})", i64::MAX);
            return Err(io::Error::new(io::ErrorKind::InvalidInput, fault));
        }
        // Summary.Value: tag = 1, simple_value = 2. Summary: value = 1. Event: summary = 5.
        let mut scalar = Vec::new();
        bytes(&mut scalar, 1, tag.as_bytes());
        key(&mut scalar, 2, FIXED32);
        scalar.extend_from_slice(&value.to_le_bytes());
        let mut summary = Vec::new();
        bytes(&mut summary, 1, &scalar);
        let mut event = header(wall_time, step);
        bytes(&mut event, 5, &summary);
        self.frame(&event)
    }

    /// Flushes the writer beneath.
    ///
    /// # Errors
    ///
    /// When flushing fails.
    pub fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }

    /// Gives the writer back.
    pub fn into_inner(self) -> W {
        self.writer
    }

    fn frame(&mut self, payload: &[u8]) -> io::Result<()> {
        let length = (payload.len() as u64).to_le_bytes();
        // One write a frame: what a killed run leaves is cut at most in its last frame.
        let mut frame = Vec::with_capacity(payload.len() + 16);
        frame.extend_from_slice(&length);
        frame.extend_from_slice(&masked_crc(&length).to_le_bytes());
        frame.extend_from_slice(payload);
        frame.extend_from_slice(&masked_crc(payload).to_le_bytes());
        self.writer.write_all(&frame)
    }
}

/// Event: wall_time = 1, step = 2.
fn header(wall_time: f64, step: u64) -> Vec<u8> {
    let mut event = Vec::new();
    key(&mut event, 1, FIXED64);
    event.extend_from_slice(&wall_time.to_le_bytes());
    if step > 0 {
        key(&mut event, 2, VARINT);
        varint(&mut event, step);
    }
    event
}

fn key(out: &mut Vec<u8>, field: u8, wire: u8) {
    out.push(field << 3 | wire);
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn bytes(out: &mut Vec<u8>, field: u8, content: &[u8]) {
    key(out, field, BYTES);
    varint(out, content.len() as u64);
    out.extend_from_slice(content);
}

/// CRC-32C (Castagnoli), reflected, one table look-up a byte.
const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let mut crc = index as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0x82f6_3b78 } else { crc >> 1 };
            bit += 1;
        }
        table[index] = crc;
        index += 1;
    }
    table
}

static TABLE: [u32; 256] = table();

fn crc32c(content: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| crc >> 8 ^ TABLE[((crc ^ u32::from(*byte)) & 0xff) as usize];
    !content.iter().fold(!0, step)
}

/// The mask of the TFRecord format: a CRC of data that holds CRCs would be weak.
fn masked_crc(content: &[u8]) -> u32 {
    crc32c(content).rotate_right(15).wrapping_add(0xa282_ead8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::ErrorKind;

    #[test]
    fn crc_matches_the_published_vectors() {
        // RFC 3720, appendix B.4, and the check value of the CRC catalogue.
        let ascending: Vec<u8> = (0..32).collect();
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
        assert_eq!(crc32c(&ascending), 0x46dd_794e);
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(crc32c(b""), 0);
    }

    #[test]
    fn a_frame_is_what_tensorflow_writes() {
        // The first frame of an event file, its wall time 0.0, bit for bit.
        let writer = EventWriter::new(Vec::new(), 0.0).expect("memory");
        let got = writer.into_inner();
        assert_eq!(got[..8], 24_u64.to_le_bytes());
        assert_eq!(got[12..21], [9, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(got[21..36], *b"\x1a\x0dbrain.Event:2");
        assert_eq!(got.len(), 8 + 4 + 24 + 4);
    }

    #[test]
    fn varints_are_those_of_the_protobuf_documentation() {
        let of = |value| {
            let mut out = Vec::new();
            varint(&mut out, value);
            out
        };
        assert_eq!(of(0), [0]);
        assert_eq!(of(127), [127]);
        assert_eq!(of(150), [0x96, 0x01]);
        assert_eq!(of(u64::MAX).len(), 10);
    }

    #[test]
    fn a_step_beyond_the_format_is_an_error() {
        let mut writer = EventWriter::new(Vec::new(), 0.0).expect("memory");
        let fault = writer.scalar("a", u64::MAX, 0.0, 0.0).expect_err("too large");
        assert_eq!(fault.kind(), ErrorKind::InvalidInput);
    }
}
