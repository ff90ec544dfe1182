//! Event files read back: by an independent reader here, and by the real `tensorboard`.

use pathweave_eval::tensorboard::EventWriter;
use serde_json::json;
use std::process::Command;

const SCALARS: [(&str, u64, f64, f32); 5] = [
    ("loss/train", 0, 1_700_000_000.5, 2.5),
    ("loss/train", 1, 1_700_000_001.5, 1.25),
    ("loss/train", 300, 1_700_000_002.5, -0.1),
    ("accuracy ä", 300, 1_700_000_002.5, 0.75),
    ("accuracy ä", 5_000_000_000, 1_700_000_003.5, 1e-30),
];

fn event_file() -> Vec<u8> {
    let mut writer = EventWriter::new(Vec::new(), 1_700_000_000.0).expect("memory");
    for (tag, step, wall_time, value) in SCALARS {
        writer.scalar(tag, step, wall_time, value).expect("memory");
    }
    writer.into_inner()
}

/// CRC-32C a bit at a time, as long division.
fn crc32c(data: &[u8]) -> u32 {
    let mut crc = !0_u32;
    for byte in data {
        for bit in 0..8 {
            let carry = (crc ^ u32::from(byte >> bit)) & 1;
            crc >>= 1;
            if carry == 1 {
                crc ^= 0x82f6_3b78;
            }
        }
    }
    !crc
}

fn unmask(masked: u32) -> u32 {
    masked.wrapping_sub(0xa282_ead8).rotate_left(15)
}

fn take<'a>(data: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (head, tail) = data.split_at(count);
    *data = tail;
    head
}

fn frames(mut data: &[u8]) -> Vec<&[u8]> {
    let mut frames = Vec::new();
    while !data.is_empty() {
        let length = take(&mut data, 8);
        let crc = u32::from_le_bytes(take(&mut data, 4).try_into().expect("4"));
        assert_eq!(unmask(crc), crc32c(length));
        let count = u64::from_le_bytes(length.try_into().expect("8"));
        let payload = take(&mut data, usize::try_from(count).expect("small"));
        let crc = u32::from_le_bytes(take(&mut data, 4).try_into().expect("4"));
        assert_eq!(unmask(crc), crc32c(payload));
        frames.push(payload);
    }
    frames
}

fn varint(data: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..).step_by(7) {
        let byte = take(data, 1)[0];
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    value
}

/// Fields of a message: number and content, little-endian bytes for numbers.
fn fields(mut data: &[u8]) -> Vec<(u64, Vec<u8>)> {
    let mut fields = Vec::new();
    while !data.is_empty() {
        let key = varint(&mut data);
        let content = match key & 7 {
            0 => varint(&mut data).to_le_bytes().to_vec(),
            1 => take(&mut data, 8).to_vec(),
            2 => {
                let count = varint(&mut data);
                take(&mut data, usize::try_from(count).expect("small")).to_vec()
            }
            5 => take(&mut data, 4).to_vec(),
            wire => panic!("wire type {wire}"),
        };
        fields.push((key >> 3, content));
    }
    fields
}

#[test]
fn an_independent_reader_finds_every_scalar() {
    let file = event_file();
    let frames = frames(&file);
    assert_eq!(frames.len(), 1 + SCALARS.len());
    let version = fields(frames[0]);
    assert_eq!(version[0], (1, 1_700_000_000.0_f64.to_le_bytes().to_vec()));
    assert_eq!(version[1], (3, b"brain.Event:2".to_vec()));
    for (frame, (tag, step, wall_time, value)) in frames[1..].iter().zip(SCALARS) {
        let event = fields(frame);
        let field = |n| event.iter().find(|(number, _)| *number == n).map(|(_, v)| v.clone());
        assert_eq!(field(1), Some(wall_time.to_le_bytes().to_vec()));
        // Protobuf leaves a zero out.
        assert_eq!(field(2), (step > 0).then(|| step.to_le_bytes().to_vec()));
        let summary = fields(&field(5).expect("summary"));
        assert_eq!(summary.len(), 1);
        let scalar = fields(&summary[0].1);
        assert_eq!(scalar, [(1, tag.as_bytes().to_vec()), (2, value.to_le_bytes().to_vec())]);
    }
}

fn hparams_file() -> Vec<u8> {
    let mut writer = EventWriter::new(Vec::new(), 1_700_000_000.0).expect("memory");
    let settings = [
        ("train.rate", json!(0.5)),
        ("router.algorithm", json!("wpl")),
        ("router.skip", json!(false)),
        ("model.hidden", json!([3, 4])),
    ];
    let named = settings.iter().map(|(key, value)| (*key, value));
    writer.hparams("group ä", (1_700_000_000.0, 1_700_000_009.0), named).expect("memory");
    writer.into_inner()
}

#[test]
fn settings_are_summaries_of_their_plugin() {
    let file = hparams_file();
    let frames = frames(&file);
    assert_eq!(frames.len(), 3);
    for (frame, tag) in frames[1..].iter().zip(["start", "end"]) {
        let only = |message: &[u8], number: u64| -> Vec<u8> {
            let found = fields(message).into_iter().find(|(of, _)| *of == number);
            found.unwrap_or_else(|| panic!("no field {number}")).1
        };
        let value = only(&only(frame, 5), 1);
        let name = format!("_hparams_/session_{tag}_info");
        assert_eq!(only(&value, 1), name.as_bytes());
        assert_eq!(only(&only(&only(&value, 9), 1), 1), b"hparams");
    }
}

const PROBE: &str = "import tensorboard.backend.event_processing.event_accumulator";

/// Prints every scalar as tag, step, wall time and the bits of its value, hexadecimal.
const READER: &str = "
import struct, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
log = EventAccumulator(sys.argv[1]); log.Reload()
out = ['%s|%d|%r|%08x' % (tag, e.step, e.wall_time, struct.unpack('<I', struct.pack('<f', e.value))[0])
       for tag in sorted(log.Tags()['scalars']) for e in log.Scalars(tag)]
sys.stdout.buffer.write(('start|%r\\n' % log.FirstEventTimestamp() + '\\n'.join(out)).encode())
";

/// A python with tensorboard; says so where there is none.
fn python() -> Option<String> {
    let python = std::env::var("PATHWEAVE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let probe = Command::new(&python).args(["-c", PROBE]).output();
    let found = probe.is_ok_and(|p| p.status.success());
    if !found {
        println!(
            "skipped: {python} cannot import tensorboard; name a python that can in PATHWEAVE_PYTHON"
        );
    }
    found.then_some(python)
}

/// Prints the settings of a run as the plugin understands them.
const HPARAMS_READER: &str = "
import sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import metadata
log = EventAccumulator(sys.argv[1]); log.Reload()
found = log.summary_metadata
contents = {tag: data.plugin_data.content for tag, data in found.items()}
start = metadata.parse_session_start_info_plugin_data(contents[metadata.SESSION_START_INFO_TAG])
end = metadata.parse_session_end_info_plugin_data(contents[metadata.SESSION_END_INFO_TAG])
value = lambda v: repr(getattr(v, v.WhichOneof('kind')))
out = ['%s=%s' % (k, value(start.hparams[k])) for k in sorted(start.hparams)]
out += [start.group_name, '%r' % start.start_time_secs, '%r' % end.end_time_secs, str(end.status)]
sys.stdout.buffer.write('\\n'.join(out).encode())
";

#[test]
fn the_real_tensorboard_reads_settings() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().expect("folder");
    std::fs::write(folder.path().join("events.out.tfevents.0"), hparams_file()).expect("written");
    let output = Command::new(&python).args(["-c", HPARAMS_READER]).arg(folder.path()).output();
    let output = output.expect("runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let want = "model.hidden='[3,4]'\nrouter.algorithm='wpl'\nrouter.skip=False\ntrain.rate=0.5\n\
                group ä\n1700000000.0\n1700000009.0\n1";
    assert_eq!(String::from_utf8_lossy(&output.stdout), want);
}

#[test]
fn the_real_tensorboard_reads_the_file() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().expect("folder");
    std::fs::write(folder.path().join("events.out.tfevents.0"), event_file()).expect("written");
    let output =
        Command::new(&python).args(["-c", READER]).arg(folder.path()).output().expect("runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut scalars = SCALARS;
    scalars.sort_by_key(|(tag, step, ..)| (*tag, *step));
    let mut want = vec!["start|1700000000.0".to_owned()];
    want.extend(
        scalars.map(|(tag, step, time, v)| format!("{tag}|{step}|{time:?}|{:08x}", v.to_bits())),
    );
    assert_eq!(String::from_utf8_lossy(&output.stdout), want.join("\n"));
}
