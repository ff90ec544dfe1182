//! Runs for other programs: Parquet, CSV, TensorBoard.

use std::fs;

use super::place::{Place, TINY};
use super::stored;
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;

fn read(path: &std::path::Path) -> RecordBatch {
    let file = fs::File::open(path).expect("there");
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet");
    builder.with_batch_size(10_000).build().expect("a reader").next().expect("rows").expect("sound")
}

#[test]
fn a_table_has_a_row_a_run() {
    let place = Place::new();
    let records = stored::many(&place.path("runs"));
    let args = ["export", "parquet", "runs.parquet", "--curves", "curves.parquet"];
    assert!(place.good(&args).contains("300 runs in runs.parquet"));
    let runs = read(&place.path("runs.parquet"));
    let column = |name: &str| runs.column_by_name(name).unwrap_or_else(|| panic!("{name}"));
    assert_eq!(runs.num_rows(), 300);
    let ids = arrow_array::cast::as_string_array(column("id").as_any_dictionary().values());
    let first = records.iter().find(|record| record["id"] == ids.value(0)).expect("a run");
    let accuracy = column("accuracy").as_primitive::<Float64Type>();
    assert_eq!(Some(accuracy.value(0)), first["metrics"]["accuracy"].as_f64());
    assert_eq!(column("train.seed").as_primitive::<Int64Type>().value(0), 0);
    assert_eq!(column("timing/wall_seconds").as_primitive::<Float64Type>().value(299), 8.0);
    let curves = read(&place.path("curves.parquet"));
    assert_eq!(curves.num_rows(), 900);

    let csv = place.good(&["export", "csv", "-", "--where", "seed=1"]);
    assert_eq!(csv.lines().count(), 7);
    assert!(csv.starts_with("id,name,model,seed,"), "{csv}");
    place.good(&["export", "csv", "runs.csv"]);
    assert_eq!(fs::read_to_string(place.path("runs.csv")).expect("written").lines().count(), 301);
    assert!(place.bad(&["export", "csv", "runs.csv", "nothing"], 2).contains("nothing"));
}

/// Means by model in three programs, and the number of curves' points.
const READERS: &str = "
import sys, pandas, polars, duckdb
runs, curves = sys.argv[1:]
frame = pandas.read_parquet(runs)
assert str(frame['train.seed'].dtype) == 'int64', frame.dtypes
means = frame.groupby('model.kind', observed=True)['accuracy'].mean()
print('%.6f %.6f' % (means['gate'], means['plain']))
table = polars.read_parquet(runs).group_by('model.kind').agg(polars.col('accuracy').mean())
means = dict(table.with_columns(polars.col('model.kind').cast(polars.String)).rows())
print('%.6f %.6f' % (means['gate'], means['plain']))
question = 'select avg(accuracy) from \\'%s\\' group by \"model.kind\" order by \"model.kind\"::text'
print('%.6f %.6f' % tuple(row[0] for row in duckdb.sql(question % runs).fetchall()))
joined = 'select count(*) from \\'%s\\' c join \\'%s\\' r on c.run = r.id where c.tag = \\'train/loss\\''
print(duckdb.sql(joined % (curves, runs)).fetchone()[0], polars.read_parquet(curves).height)
";

#[test]
fn pandas_polars_and_duckdb_read_the_table() {
    let Some(python) = stored::python("pandas, polars, duckdb, pyarrow") else { return };
    let place = Place::new();
    stored::many(&place.path("runs"));
    place.good(&["export", "parquet", "runs.parquet", "--curves", "curves.parquet"]);
    let [runs, curves] = ["runs.parquet", "curves.parquet"].map(|name| place.path(name));
    let args = [runs.to_str().expect("UTF-8"), curves.to_str().expect("UTF-8")];
    let printed = stored::script(&python, READERS, &args);
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines[0], lines[1]);
    assert_eq!(lines[0], lines[2]);
    assert_eq!(lines[3], "600 900");
}

#[test]
fn tensorboard_has_a_folder_a_run() {
    let place = Place::new();
    let args: Vec<&str> = ["run", "digits-mtl"].iter().chain(&TINY).copied().collect();
    place.good(&[&args[..], &["model=unrouted", "train.seed=1,2"]].concat());
    let json: Value =
        serde_json::from_str(&place.good(&["export", "tensorboard", "board", "--json"]))
            .expect("JSON");
    assert_eq!(json["runs"], 2);
    let names = || -> Vec<String> {
        let entries = fs::read_dir(place.path("board")).expect("made").flatten();
        let mut names: Vec<String> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    };
    let once = names();
    assert!(
        once.len() == 2 && once[0].contains("-seed1-") && once[1].contains("-seed2-"),
        "{once:?}"
    );
    for name in &once {
        let folder = place.path("board").join(name);
        assert_eq!(fs::read_dir(&folder).expect("made").count(), 2, "curves and settings");
    }
    place.good(&["export", "tensorboard", "board"]);
    assert_eq!(names(), once, "an export again replaces");
    let Some(python) = stored::python("tensorboard") else { return };
    let script = "
import sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
log = EventAccumulator(sys.argv[1]); log.Reload()
print('test/accuracy' in log.Tags()['scalars'], sorted(log.summary_metadata)[0])
";
    let folder = place.path("board").join(&once[0]);
    let printed = stored::script(&python, script, &[folder.to_str().expect("UTF-8")]);
    assert_eq!(printed.trim(), "True _hparams_/session_end_info");
}
