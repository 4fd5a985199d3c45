//! What the scenarios' requests are answered, each answer as three numbers: of its figures, of what it cites, of all its texts.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use tax_core::{Engine, Refusal, date_of, read_answer, state_code};

use crate::mutants::Notice;
use serde_json::Value;

const UNIT_COUNT: i64 = 2;
const LAW_NOT_KNOWN: i64 = 4;

/// A scenario's request: state and bytes.
pub struct Request {
    /// [`state_code`].
    pub state: i64,
    /// As the engine takes it.
    pub bytes: Vec<u8>,
}

/// Requests, each with its length in bytes in front (64-bit little-endian).
pub fn requests(data: &[u8]) -> Vec<Request> {
    let mut found = Vec::new();
    let mut rest = data;
    while let Some((length, tail)) = rest.split_first_chunk::<8>() {
        let (bytes, tail) = tail.split_at(u64::from_le_bytes(*length) as usize);
        found.push(Request { state: i64::from(u16::from_le_bytes([bytes[2], bytes[3]])), bytes: bytes.to_vec() });
        rest = tail;
    }
    found
}

/// One number of what is given.
fn number_of(parts: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    hasher.finish()
}

/// Texts of one state, each as a number: who it is, what says how surely it was read, and all of it.
struct Cited {
    who: u64,
    sureness: u64,
    all: u64,
}

struct Texts {
    levies: Vec<Cited>,
    /// For each value, its rows.
    values: Vec<Vec<Cited>>,
    /// For each value, the last day of each of its rows, as text.
    ends: Vec<Vec<String>>,
    state: u64,
}

/// Text of an entry without the keys named.
fn without(entry: &Value, keys: &[&str]) -> String {
    let Value::Object(entry) = entry else { return String::new() };
    let kept: Vec<String> = entry
        .iter()
        .filter(|(key, _)| !keys.contains(&key.as_str()))
        .map(|(key, value)| format!("{key} {value}"))
        .collect();
    kept.join("\n")
}

impl Texts {
    fn new(state: &Value) -> Texts {
        let list = |key: &str| state[key].as_array().cloned().unwrap_or_default();
        let sources = |entry: &Value| {
            let ids = entry["source"].as_array().cloned().unwrap_or_default();
            let titles: Vec<String> =
                ids.iter().map(|id| state["sources"][id.as_str().unwrap_or_default()].to_string()).collect();
            titles.join("\n")
        };
        let cited = |who: &Value, entry: &Value, computed: &[&str]| Cited {
            who: number_of(&who["id"].to_string()),
            sureness: number_of(&without(entry, computed)),
            all: number_of(&(without(who, &["rows"]), entry.to_string(), sources(entry))),
        };
        let levies = list("levies");
        let credits: HashMap<String, Value> =
            list("tax_credits").into_iter().map(|credit| (credit["id"].to_string(), credit)).collect();
        let end = |row: &Value| row["until"].as_str().unwrap_or("9999").to_string();
        Texts {
            ends: list("values")
                .iter()
                .map(|value| value["rows"].as_array().map(|rows| rows.iter().map(end).collect()).unwrap_or_default())
                .collect(),
            levies: levies
                .iter()
                .map(|levy| {
                    cited(
                        levy,
                        levy,
                        &["base", "rate", "amount", "round", "kind", "category", "due", "collector", "each"],
                    )
                })
                .collect(),
            values: list("values")
                .iter()
                .map(|value| {
                    let mut rows = value["rows"].as_array().cloned().unwrap_or_default();
                    if rows.is_empty() {
                        rows.push(Value::Null); // a base, whose parts have the rows
                    }
                    let mut cells: Vec<Cited> =
                        rows.iter().map(|row| cited(value, row, &["text", "from", "until"])).collect();
                    if value["role"] == "tax_credit" {
                        for cell in &mut cells {
                            cell.all =
                                number_of(&(cell.all, credits.get(&value["id"].to_string()).map(ToString::to_string)));
                        }
                    }
                    cells
                })
                .collect(),
            state: number_of(&without(state, &["sources", "values", "levies", "tax_credits"])),
        }
    }

    /// The row of a value that holds on a day.
    fn on(&self, value: i64, day: i64) -> Option<&Cited> {
        let (year, month, date) = date_of(day);
        let day = format!("{year:04}-{month:02}-{date:02}");
        let ends = self.ends.get(usize::try_from(value).ok()?)?;
        self.row(value, ends.iter().position(|end| *end >= day)? as i64)
    }

    fn row(&self, value: i64, row: i64) -> Option<&Cited> {
        let rows = self.values.get(usize::try_from(value).ok()?)?;
        rows.get(usize::try_from(row).ok()?).or(rows.first())
    }
}

/// A compiled set of rules with its texts.
pub struct Law {
    engine: Engine,
    texts: HashMap<i64, Texts>,
}

impl Law {
    /// Opens what the compiler made.
    pub fn new(pack: &[u8], law: &str) -> Option<Law> {
        let law: Value = serde_json::from_str(law).ok()?;
        let states = law["states"].as_object()?;
        let texts = states.iter().map(|(code, state)| (state_code(code).unwrap_or(-1), Texts::new(state))).collect();
        Some(Law { engine: Engine::new(pack).ok()?, texts })
    }

    /// A number that changes with what an answer says, so far as it is asked.
    pub fn answer(&mut self, request: &Request, notice: Notice) -> u64 {
        let bytes = &request.bytes;
        let day = i64::from(i32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]));
        let mut hasher = DefaultHasher::new();
        let Ok(answer) = read_answer(&self.engine.quote(bytes)) else { return hasher.finish() };
        // Not the days without change, which move with any date of the file.
        let Refusal { status, argument } = answer.refusal;
        (status, argument, answer.total, answer.as_enacted, answer.lines.len()).hash(&mut hasher);
        let Some(texts) = self.texts.get(&request.state) else { return hasher.finish() };
        if notice == Notice::Texts {
            texts.state.hash(&mut hasher);
        }
        let cite = |cited: Option<&Cited>, hasher: &mut DefaultHasher| {
            let Some(cited) = cited else { return };
            cited.who.hash(hasher);
            match notice {
                Notice::Figures => {}
                Notice::Cited => cited.sureness.hash(hasher),
                Notice::Texts => cited.all.hash(hasher),
            }
        };
        let not_known = |refusal: Refusal| refusal.status == LAW_NOT_KNOWN && notice != Notice::Figures;
        if not_known(answer.refusal) {
            cite(texts.on(argument, day), &mut hasher);
        }
        for line in &answer.lines {
            let Refusal { status, argument } = line.refusal;
            cite(texts.levies.get(usize::from(line.levy)), &mut hasher);
            (line.what, status, argument, line.row, line.count, line.base, line.rate, line.amount).hash(&mut hasher);
            for step in &line.trace {
                if notice != Notice::Figures {
                    cite(texts.row(step.value, step.row), &mut hasher);
                }
                // Amounts, rates and counts of the formula are figures; which conditions were asked on the way is not.
                if step.unit <= UNIT_COUNT {
                    (step.unit, step.number).hash(&mut hasher);
                }
            }
            if not_known(line.refusal) {
                cite(texts.on(argument, day), &mut hasher);
            }
        }
        hasher.finish()
    }
}
