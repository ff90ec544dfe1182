//! The settings of a run, as TensorBoard's plugin "hparams" reads them
//! (`tensorboard/plugins/hparams/plugin_data.proto`): one summary with the settings and the start,
//! one with the end. What an experiment varies the plugin finds out itself.

use std::io::{self, Write};

use serde_json::Value;

use super::{EventWriter, FIXED64, VARINT, bytes, header, key, varint};

const PLUGIN: &str = "hparams";
const START: &str = "_hparams_/session_start_info";
const END: &str = "_hparams_/session_end_info";

/// Fields of the plugin's message.
const START_INFO: u8 = 3;
const END_INFO: u8 = 4;

impl<W: Write> EventWriter<W> {
    /// Writes the settings of a finished run: `group` names runs that only repeat each other, `times`
    /// are its start and end in seconds since 1970. Numbers, texts and truth values stay what they
    /// are, lists become JSON.
    ///
    /// # Errors
    ///
    /// When writing fails.
    pub fn hparams<'a>(
        &mut self,
        group: &str,
        times: (f64, f64),
        settings: impl Iterator<Item = (&'a str, &'a Value)>,
    ) -> io::Result<()> {
        // SessionStartInfo: hparams = 1, a map of google.protobuf.Value; group_name = 4;
        // start_time_secs = 5.
        let mut start = Vec::new();
        for (name, value) in settings {
            let mut entry = Vec::new();
            bytes(&mut entry, 1, name.as_bytes());
            bytes(&mut entry, 2, &protobuf_value(value));
            bytes(&mut start, 1, &entry);
        }
        bytes(&mut start, 4, group.as_bytes());
        double(&mut start, 5, times.0);
        self.plugin_data(START, START_INFO, &start, times.0)?;
        // SessionEndInfo: status = 1, of which 1 is success; end_time_secs = 2.
        let mut end = Vec::new();
        key(&mut end, 1, VARINT);
        varint(&mut end, 1);
        double(&mut end, 2, times.1);
        self.plugin_data(END, END_INFO, &end, times.1)
    }

    fn plugin_data(&mut self, tag: &str, field: u8, info: &[u8], time: f64) -> io::Result<()> {
        // HParamsPluginData: version = 1 (0, so left out), one of the infos.
        let mut content = Vec::new();
        bytes(&mut content, field, info);
        // SummaryMetadata: plugin_data = 1 {plugin_name = 1, content = 2}.
        let (mut plugin, mut metadata) = (Vec::new(), Vec::new());
        bytes(&mut plugin, 1, PLUGIN.as_bytes());
        bytes(&mut plugin, 2, &content);
        bytes(&mut metadata, 1, &plugin);
        // Summary.Value: tag = 1, metadata = 9. Summary: value = 1. Event: summary = 5.
        let (mut value, mut summary) = (Vec::new(), Vec::new());
        bytes(&mut value, 1, tag.as_bytes());
        bytes(&mut value, 9, &metadata);
        bytes(&mut summary, 1, &value);
        let mut event = header(time, 0);
        bytes(&mut event, 5, &summary);
        self.frame(&event)
    }
}

fn double(out: &mut Vec<u8>, field: u8, value: f64) {
    key(out, field, FIXED64);
    out.extend_from_slice(&value.to_le_bytes());
}

/// google.protobuf.Value: number_value = 2, string_value = 3, bool_value = 4.
fn protobuf_value(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    match value {
        Value::Bool(truth) => {
            key(&mut out, 4, VARINT);
            out.push(u8::from(*truth));
        }
        Value::Number(number) => double(&mut out, 2, number.as_f64().unwrap_or(f64::NAN)),
        Value::String(text) => bytes(&mut out, 3, text.as_bytes()),
        other => bytes(&mut out, 3, other.to_string().as_bytes()),
    }
    out
}
