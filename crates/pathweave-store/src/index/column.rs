//! What a key stands for, and how SQL says it.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Result as SqlResult};

use crate::State;
use crate::query::{Condition, Field, Op, QueryError, number};

/// Before a name that is to be taken as a metric.
const METRIC: &str = "metric:";
/// Before a name that is to be taken as a setting.
const SETTING: &str = "setting:";
/// How alike a name must be to be proposed.
const ALIKE: f64 = 0.75;

/// What a key stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Field(Field),
    Setting { section: i64, key: i64 },
    Metric { measure: i64 },
}

impl Column {
    /// What a key stands for. A field comes first; a name with a dot is rather a setting, another
    /// one rather a metric.
    pub fn of(db: &Connection, name: &str) -> Result<Self, QueryError> {
        if let Some(field) = Field::of(name) {
            return Ok(Self::Field(field));
        }
        let found = if let Some(name) = name.strip_prefix(METRIC) {
            Self::metric(db, name)?
        } else if let Some(name) = name.strip_prefix(SETTING) {
            Self::setting(db, name)?
        } else if name.contains('.') {
            Self::setting(db, name)?.or(Self::metric(db, name)?)
        } else {
            Self::metric(db, name)?.or(Self::setting(db, name)?)
        };
        match found {
            Some(column) => Ok(column),
            None => Err(unknown(db, name)?),
        }
    }

    fn setting(db: &Connection, name: &str) -> SqlResult<Option<Self>> {
        let mut find = db.prepare_cached(
            "SELECT section, key FROM key WHERE name = ?1
             AND EXISTS (SELECT 1 FROM setting WHERE setting.key = key.key)",
        )?;
        let setting =
            |row: &rusqlite::Row<'_>| Ok(Self::Setting { section: row.get(0)?, key: row.get(1)? });
        find.query_row([name], setting).optional()
    }

    fn metric(db: &Connection, name: &str) -> SqlResult<Option<Self>> {
        let mut find = db.prepare_cached(
            "SELECT measure FROM measure WHERE name = ?1
             AND EXISTS (SELECT 1 FROM metric WHERE metric.measure = measure.measure)",
        )?;
        find.query_row([name], |row| Ok(Self::Metric { measure: row.get(0)? })).optional()
    }

    /// Number of tables that are joined for it.
    pub fn tables(self) -> usize {
        match self {
            Self::Field(Field::Sweep) => 2,
            Self::Field(_) => 0,
            Self::Setting { .. } => 3,
            Self::Metric { .. } => 1,
        }
    }

    /// Joins for the `at`th column of a question; they neither add nor drop runs, but that a run is
    /// there once for each of its sweeps.
    pub fn joins(self, at: usize) -> String {
        match self {
            Self::Field(Field::Sweep) => format!(
                " LEFT JOIN member m{at} ON m{at}.run = run.run
                  LEFT JOIN sweep w{at} ON w{at}.sweep = m{at}.sweep"
            ),
            Self::Field(_) => String::new(),
            Self::Setting { section, key } => format!(
                " LEFT JOIN has h{at} ON h{at}.section = {section} AND h{at}.run = run.run
                  LEFT JOIN setting s{at} ON s{at}.key = {key} AND s{at}.part = h{at}.part
                  LEFT JOIN value v{at} ON v{at}.value = s{at}.value"
            ),
            Self::Metric { measure } => format!(
                " LEFT JOIN metric m{at} ON m{at}.measure = {measure} AND m{at}.run = run.run"
            ),
        }
    }

    /// Three results for the `at`th column: whether there is one, its text, its number. There is
    /// one without text and number where a metric is not a number.
    pub fn results(self, at: usize) -> String {
        match self {
            Self::Field(Field::State) => format!("1, {}, NULL", state_name()),
            Self::Field(Field::Sweep) => format!("w{at}.folder IS NOT NULL, w{at}.folder, NULL"),
            Self::Field(field) if field.is_number() => {
                format!("1, NULL, {}", field_number(field))
            }
            Self::Field(field) => {
                let name = stored(field);
                format!("coalesce(run.{name}, '') <> '', run.{name}, NULL")
            }
            Self::Setting { .. } => format!(
                "v{at}.value IS NOT NULL, iif(v{at}.is_number, NULL, v{at}.text), v{at}.number"
            ),
            Self::Metric { .. } => format!("m{at}.run IS NOT NULL, NULL, m{at}.value"),
        }
    }

    /// Terms of an order: those without a value last, then those that are no number.
    pub fn order(self, at: usize, descending: bool) -> String {
        let way = if descending { "DESC" } else { "ASC" };
        match self {
            // As numbers they are not exact.
            Self::Field(Field::Seed) => format!("run.seed < 0 {way}, run.seed {way}"),
            Self::Field(Field::Sweep) => {
                let first = "(SELECT min(folder) FROM member JOIN sweep USING (sweep)
                              WHERE member.run = run.run)";
                format!("{first} IS NULL, {first} {way}")
            }
            Self::Field(field) => {
                let name = stored(field);
                format!("coalesce(run.{name}, '') = '', run.{name} {way}")
            }
            Self::Setting { .. } => format!(
                "v{at}.value IS NULL, v{at}.is_number DESC, v{at}.number {way}, v{at}.text {way}"
            ),
            Self::Metric { .. } => {
                format!("m{at}.run IS NULL, m{at}.value IS NULL, m{at}.value {way}")
            }
        }
    }
}

/// In the table of runs.
fn stored(field: Field) -> &'static str {
    match field {
        Field::Failure => "error",
        other => other.name(),
    }
}

fn state_name() -> String {
    let cases: String = State::ALL
        .iter()
        .map(|&state| format!(" WHEN {} THEN '{}'", state as i64, state.name()))
        .collect();
    format!("CASE run.state{cases} END")
}

/// A field as a number. Seeds have 64 bits without a sign.
fn field_number(field: Field) -> String {
    match field {
        Field::Seed => "iif(run.seed < 0, run.seed + 18446744073709551616.0, run.seed)".into(),
        other => format!("run.{}", stored(other)),
    }
}

fn unknown(db: &Connection, name: &str) -> Result<QueryError, QueryError> {
    let mut known: Vec<String> = Field::ALL.iter().map(|field| field.name().to_owned()).collect();
    for table in ["SELECT name FROM key", "SELECT name FROM measure"] {
        let mut names = db.prepare(table)?;
        let names = names.query_map([], |row| row.get(0))?.collect::<SqlResult<Vec<String>>>()?;
        known.extend(names);
    }
    let tail = |key: &str| key.rsplit(['.', '/']).next().unwrap_or_default().to_owned();
    let alike = |other: &String| {
        // Who writes `algorithm` may mean `router.algorithm`.
        let whole = strsim::jaro_winkler(name, other);
        let same_tail = tail(name) == tail(other);
        (if same_tail { whole.max(0.9) } else { whole }, other.clone())
    };
    let mut near: Vec<(f64, String)> =
        known.iter().map(alike).filter(|(score, _)| *score > ALIKE).collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let near: Vec<String> = near.into_iter().take(3).map(|(_, name)| name).collect();
    let fields = Field::ALL.map(Field::name).join(", ");
    let hint = match near.is_empty() {
        true => format!("allowed: {fields}, a setting such as train.rate, or a metric"),
        false => format!("did you mean {}?", near.join(" or ")),
    };
    Ok(QueryError::word(name, format!("no run has such a field, setting or metric; {hint}")))
}

/// A condition on `run`, and what its question marks stand for.
pub(super) fn condition(
    db: &Connection,
    condition: &Condition,
    values: &mut Vec<Value>,
) -> Result<String, QueryError> {
    let Condition { key, op, values: wanted } = condition;
    // It may have been put together without being read.
    condition.check()?;
    let column = Column::of(db, key)?;
    if let Column::Metric { .. } = column {
        let is_number = |value: &String| number(value).is_some() || value.is_empty();
        let word = crate::query::Filter { conditions: vec![condition.clone()] }.to_string();
        if *op == Op::Contains {
            let what = format!("{key} is a metric, no text; allowed: = != < <= > >=");
            return Err(QueryError::word(&word, what));
        }
        if let Some(found) = wanted.iter().find(|value| !is_number(value)) {
            let what = format!("found {found:?}, allowed: a number, since {key} is a metric");
            return Err(QueryError::word(&word, what));
        }
    }
    let any: Vec<String> = wanted.iter().map(|value| one(column, *op, value, values)).collect();
    let any = any.join(" OR ");
    Ok(match op {
        // Not a number is neither equal nor not: not equal is what is not equal.
        Op::IsNot => format!("NOT ifnull({any}, 0)"),
        _ => format!("({any})"),
    })
}

fn one(column: Column, op: Op, value: &str, values: &mut Vec<Value>) -> String {
    let mut take = |value: Value| {
        values.push(value);
        format!("?{}", values.len())
    };
    let text = |value: &str| Value::Text(value.to_owned());
    let real = number(value).unwrap_or(f64::NAN);
    let is = matches!(op, Op::Is | Op::IsNot);
    match column {
        Column::Field(Field::State) => {
            let state = State::ALL.into_iter().find(|state| state.name() == value);
            format!("run.state = {}", state.map_or(-1, |state| state as i64))
        }
        Column::Field(Field::Seed) if is && value.parse::<u64>().is_ok() => {
            let seed: u64 = value.parse().unwrap_or_default();
            format!("run.seed = {}", take(Value::Integer(seed as i64)))
        }
        Column::Field(field) if field.is_number() => {
            format!("{} {} {}", field_number(field), sign(op), take(Value::Real(real)))
        }
        Column::Field(Field::Sweep) if value.is_empty() => {
            "run.run NOT IN (SELECT run FROM member)".into()
        }
        Column::Field(Field::Sweep) => {
            let at = take(text(value));
            let on = |name: &str| compare_text(name, op, &at);
            format!(
                "run.run IN (SELECT member.run FROM member JOIN sweep USING (sweep)
                 WHERE {} OR {})",
                on("sweep.folder"),
                on("sweep.name")
            )
        }
        Column::Field(field) => {
            compare_text(&format!("coalesce(run.{}, '')", stored(field)), op, &take(text(value)))
        }
        Column::Setting { section, key } => {
            let runs = |condition: &str| {
                format!(
                    "SELECT has.run FROM has JOIN setting
                     ON setting.key = {key} AND setting.part = has.part
                     JOIN value USING (value) WHERE has.section = {section} AND {condition}"
                )
            };
            if value.is_empty() {
                return format!("run.run NOT IN ({})", runs("value.text <> ''"));
            }
            let condition = match op {
                Op::Contains => compare_text("value.text", op, &take(text(value))),
                Op::Is | Op::IsNot => {
                    let (text, real) = (take(text(value)), take(Value::Real(real)));
                    format!("(value.text = {text} OR value.number = {real})")
                }
                order => format!("value.number {} {}", sign(order), take(Value::Real(real))),
            };
            format!("run.run IN ({})", runs(&condition))
        }
        Column::Metric { measure } => {
            let runs = format!("SELECT run FROM metric WHERE measure = {measure}");
            match (value.is_empty(), real.is_nan()) {
                (true, _) => format!("run.run NOT IN ({runs})"),
                (false, true) if is => format!("run.run IN ({runs} AND value IS NULL)"),
                _ => {
                    let at = take(Value::Real(real));
                    format!("run.run IN ({runs} AND value {} {at})", sign(op))
                }
            }
        }
    }
}

fn sign(op: Op) -> &'static str {
    match op {
        // What is not, is turned round by the caller.
        Op::IsNot => "=",
        other => other.sign(),
    }
}

fn compare_text(name: &str, op: Op, at: &str) -> String {
    match op {
        Op::Contains => format!("instr(lower({name}), lower({at})) > 0"),
        _ => format!("{name} = {at}"),
    }
}
