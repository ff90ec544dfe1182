use std::fs;
use std::path::Path;

use super::*;
use crate::log::{Choice, RoutingRow};

fn read(content: &[u8], options: &ReadOptions) -> Result<Reading, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f");
    fs::write(&path, content).unwrap();
    let text = |error: LogError| error.to_string().replace(&path.display().to_string(), "f");
    read_any(&path, options).map_err(text)
}

fn plain(content: &str) -> Result<Reading, String> {
    read(content.as_bytes(), &ReadOptions::default())
}

fn logs(reading: Reading) -> Vec<RoutingLog> {
    match reading.content {
        Content::Logs(logs) => logs,
        Content::Sums(_) => panic!("sums"),
    }
}

fn choices(log: &RoutingLog) -> Vec<(u64, u32, Choice)> {
    let of_row = |row: &RoutingRow| (row.sample, row.depth, row.choice.clone());
    log.rows().iter().map(of_row).collect()
}

/// A version 1 NPY file.
fn npy(descr: &str, fortran: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let head = format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}\n");
    let mut bytes = [MAGIC_1, &(head.len() as u16).to_le_bytes()].concat();
    bytes.extend([head.as_bytes(), data].concat());
    bytes
}

const MAGIC_1: &[u8] = b"\x93NUMPY\x01\x00";

fn f8(values: &[f64]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn i8(values: &[i64]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn rows_are_rules() -> ReadOptions {
    ReadOptions { npy_rows: NpyRows::Rules, rules: None }
}

#[test]
fn tables_are_read_with_tolerant_names() {
    let reading = plain("Layer,Token-ID,Task,Expert,note\n3,0,cat,2,x\n7,0,cat,0,y\n3,1,dog,1,z\n");
    let reading = reading.unwrap();
    assert_eq!((reading.format, &*reading.layers), (Format::Csv, &["3".into(), "7".into()][..]));
    let log = logs(reading).remove(0);
    let module = Choice::Module;
    assert_eq!(choices(&log), [(0, 0, module(2)), (0, 1, module(0)), (1, 0, module(1))]);
    assert_eq!(log.header().contexts, ["cat", "dog"]);
    assert_eq!(log.rows()[2].context, Some(1));

    let log = logs(plain("rule;p1;p0\n1;0.25;0.75\n0;1;0\n").unwrap()).remove(0);
    assert_eq!(log.rows()[0].choice, Choice::Weights(vec![0.75, 0.25]));
    assert_eq!((log.rows()[0].condition, log.rows()[1].sample), (Some(1), 1));

    let steps = logs(plain("step\texpert\n20\t0\n10\t1\n").unwrap());
    assert_eq!(steps.iter().map(|log| log.header().step).collect::<Vec<_>>(), [Some(10), Some(20)]);
    assert!(steps.iter().all(|log| log.header().modules == [2]));
}

#[test]
fn faults_of_a_table_are_told_together() {
    let error = plain("sample,depth,module\n0,0,x\n-1,0,1\n2,0\n3,,1\n").unwrap_err();
    for part in [
        "f:2: choice: found \"x\", allowed: a module's number, skip or end",
        "f:3: sample: found \"-1\"",
        "f:4: line: found 2 fields, allowed: 3 fields",
        "f:5: depth: found nothing",
    ] {
        assert!(error.contains(part), "{part}: {error}");
    }
    let error = plain("sample,depth,chosen\n0,0,1\n").unwrap_err();
    assert!(error.contains("neither among sample, depth, chosen") && error.contains("expert_id"));
    let error = plain("depth,w0,w2\n0,0.5,0.5\n").unwrap_err();
    assert!(error.contains("f:1: w2: found a gap") && error.contains("f:1: sample: "), "{error}");
    let error = plain("w0,w1\n0.5,0.5\n0.5,0.9\n").unwrap_err();
    assert!(error.contains("f:3: choice: found weights that sum to 1.39"), "{error}");
    assert!(plain("sample,module\n").unwrap_err().contains("at least one decision"));
}

#[test]
fn arrays_of_every_kind_are_read() {
    let weights = [0.25, 0.75, 0.5, 0.5, 1.0, 0.0];
    let c = read(&npy("<f8", "False", "(3, 2)", &f8(&weights)), &ReadOptions::default()).unwrap();
    let turned = [0.25, 0.5, 1.0, 0.75, 0.5, 0.0];
    let f = read(&npy("<f8", "True", "(3, 2)", &f8(&turned)), &ReadOptions::default()).unwrap();
    assert_eq!(c, f);
    assert_eq!(logs(c)[0].rows()[0].choice, Choice::Weights(vec![0.25, 0.75]));

    let big: Vec<u8> = [0_i32, 3, 1, 2].iter().flat_map(|value| value.to_be_bytes()).collect();
    let log = logs(read(&npy(">i4", "False", "(2, 2)", &big), &ReadOptions::default()).unwrap());
    assert_eq!(choices(&log[0])[1], (0, 1, Choice::Module(3)));
    assert_eq!(log[0].header().modules, [2, 4]);

    let single: Vec<u8> = [0.5_f32; 8].iter().flat_map(|value| value.to_le_bytes()).collect();
    let log =
        logs(read(&npy("<f4", "False", "(2, 2, 2)", &single), &ReadOptions::default()).unwrap());
    assert_eq!(log[0].rows().len(), 4);

    let reading = read(&npy("<i8", "False", "(2, 2)", &i8(&[30, 10, 0, 60])), &rows_are_rules());
    let Content::Sums(sums) = reading.unwrap().content else { panic!("decisions") };
    let joint = sums[0].joints[0].as_ref().unwrap();
    assert_eq!(joint.decisions(), Some(&[40.0, 60.0][..]));
    assert_eq!(joint.of_rule(0), [0.3, 0.1]);
}

#[test]
fn a_second_array_names_the_rules() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rules.npy");
    let options = ReadOptions { npy_rows: NpyRows::Samples, rules: Some(path.clone()) };
    let chosen = npy("<i8", "False", "(3,)", &i8(&[0, 1, 1]));
    fs::write(&path, npy("<i8", "False", "(3,)", &i8(&[1, 0, 1]))).unwrap();
    let log = logs(read(&chosen, &options).unwrap()).remove(0);
    assert_eq!(log.rows()[0].condition, Some(1));
    fs::write(&path, npy("<i8", "False", "(2,)", &i8(&[1, 0]))).unwrap();
    let error = read(&chosen, &options).unwrap_err();
    assert!(
        error.contains(
            "rules.npy: shape: found integers of shape [2], allowed: integers of shape [3]"
        ),
        "{error}"
    );
    assert!(read(b"w0,w1\n1,0\n", &options).unwrap_err().contains("f: rules: found the rules"));
}

#[test]
fn damaged_arrays_are_named() {
    let sound = npy("<f8", "False", "(1, 2)", &f8(&[0.5, 0.5]));
    let of = |bytes: &[u8]| read(bytes, &ReadOptions::default()).unwrap_err();
    assert!(of(&sound[..sound.len() - 1]).contains("f: file: found 15 bytes of data, allowed: 16"));
    assert!(of(&sound[..9]).contains("breaks off"));
    assert!(
        of(&npy("<f2", "False", "(1, 2)", &[])).contains("f: dtype: found <f2, allowed: f4, f8")
    );
    assert!(
        of(&npy("<f8", "False", "(99999999999, 9)", &[]))
            .contains("f: shape: found [99999999999, 9]")
    );
    assert!(of(&npy("<f8", "False", "(2,)", &f8(&[0.5, 0.5]))).contains("floats of shape [2]"));
    assert!(of(&npy("<i8", "False", "(2,)", &i8(&[0, -1]))).contains("f:2: module: found -1"));
    assert!(of(&npy("<f8", "False", "(0, 2)", &[])).contains("at least one decision"));
    for length in 0..sound.len() {
        assert!(read(&sound[..length], &ReadOptions::default()).is_err(), "{length}");
    }
    let negative = npy("<f8", "False", "(1, 2)", &f8(&[-0.5, 0.5]));
    assert!(read(&negative, &rows_are_rules()).unwrap_err().contains("f: matrix: "));
}

#[test]
fn traces_of_choices_become_a_log_a_step() {
    let reading = plain(
        r#"{"step":2,"layer":5,"num_experts":4,"expert_ids":[[0,3],[2,1]],"topk_probs":[[0.6,0.2],[0.5,0.5]]}
{"step":1,"layer":3,"expert_ids":[[0,1]],"rules":[1]}
{"step":1,"layer":3,"expert_ids":[2],"rules":[0]}
"#,
    )
    .unwrap();
    assert_eq!((reading.format, &*reading.layers), (Format::Trace, &["3".into(), "5".into()][..]));
    let logs = logs(reading);
    assert_eq!(logs[0].header().step, Some(1));
    assert_eq!(logs[0].header().modules, [4, 4]);
    assert_eq!(
        choices(&logs[0]),
        [(0, 0, Choice::Weights(vec![0.5, 0.5, 0.0, 0.0])), (1, 0, Choice::Module(2))]
    );
    assert_eq!(logs[0].rows()[0].condition, Some(1));
    let Choice::Weights(weights) = &logs[1].rows()[0].choice else { panic!("hard") };
    assert!((weights[0] - 0.75).abs() < 1e-6 && (weights[3] - 0.25).abs() < 1e-6);
}

#[test]
fn traces_of_counts_become_sums() {
    let reading = plain(
        "{\"iteration\":1,\"layer_number\":1,\"tokens_per_expert\":[3,1]}\n\
         {\"iteration\":1,\"layer_number\":1,\"topk_indices\":[[1,0],[1,1]]}\n",
    );
    let Content::Sums(sums) = reading.unwrap().content else { panic!("decisions") };
    let joint = sums[0].joints[0].as_ref().unwrap();
    assert_eq!(
        (joint.decisions(), joint.marginal()),
        (Some(&[6.0][..]), vec![3.5 / 6.0, 2.5 / 6.0])
    );
    assert!(sums[0].rules.is_empty());
}

#[test]
fn faults_of_a_trace_are_told_together() {
    let error = plain(
        r#"{"step":-1,"expert_ids":[[0,9]],"num_experts":4}
{"step":1,"layer":0,"loss":2.5}
{"expert_ids":[[0,1]],"topk_probs":[[0.5]]}
{"expert_ids":[0,1],"rules":[0]}
{"tokens_per_expert":[1,-2]}
{"expert_ids":
"#,
    )
    .unwrap_err();
    for part in [
        "f:1: step: found -1, allowed: an integer of 0 or more",
        "f:1: expert_ids: found [[0,9]], allowed: a list of lists of experts from 0 to 3",
        "f:2: experts: found nothing, allowed: one of expert_ids, topk_indices",
        "f:3: topk_probs: found [[0.5]]",
        "f:4: rules: found [0], allowed: a list of integers of 0 or more, one a token",
        "f:5: tokens_per_expert: found [1,-2]",
        "f:6: line: ",
    ] {
        assert!(error.contains(part), "{part}: {error}");
    }
    let none = plain("{\"tokens_per_expert\":[0,0]}\n").unwrap_err();
    assert!(none.contains("no token for any expert"), "{none}");
}

#[test]
fn own_forms_and_noise_go_their_way() {
    let own = plain("{\"sample\":0,\"depth\":1,\"choice\":1}\n").unwrap();
    assert_eq!((own.format, own.layers.len()), (Format::JsonLines, 2));
    assert!(plain("").unwrap_err().contains("found nothing"));
    assert!(plain("hello\n").unwrap_err().contains("allowed: a JSON object"));
    assert!(matches!(
        read_any(Path::new("/none"), &ReadOptions::default()),
        Err(LogError::Io { .. })
    ));
}
