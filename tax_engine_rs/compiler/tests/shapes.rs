//! Each shape of law in `docs/levy_language.md`, part 9, has a fixture: a small rule file and deals with the figure that the
//! law's own source gives.

use serde::Deserialize;
use std::path::Path;
use tax_core::{Engine, FORM, LIST_ARGUMENT, LIST_COUNT_FIELD, Refusal, day_of, read_answer, state_code};
use toml::{Table, Value};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixture {
    /// Rows of the requirements that it shows.
    shapes: Vec<String>,
    /// Where the figure stands.
    law: String,
    /// Rule files, without their head: state code and text.
    rules: Table,
    deals: Vec<Deal>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Deal {
    state: String,
    kind: Option<String>,
    date: toml::value::Datetime,
    facts: Table,
    #[serde(default)]
    lists: Table,
    total: Option<String>,
    refused: Option<String>,
    /// Amounts of the lines that are not zero, `levy: amount` or `levy: count x amount`.
    lines: Option<Vec<String>>,
}

/// A name of the catalogue: type, choices.
struct Named {
    name: String,
    kind: String,
    choices: Vec<String>,
}

fn named(entries: &Value) -> Vec<Named> {
    let entries = entries.as_array().unwrap().iter();
    entries
        .map(|entry| Named {
            name: entry["name"].as_str().unwrap().into(),
            kind: entry["type"].as_str().unwrap().into(),
            choices: entry.get("choices").map_or(vec![], |list| {
                list.as_array().unwrap().iter().map(|word| word.as_str().unwrap().into()).collect()
            }),
        })
        .collect()
}

fn scaled(text: &str, places: usize) -> i64 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    assert!(part.len() <= places, "{text} has too many places");
    format!("{whole}{part:0<places$}").parse().unwrap()
}

fn day(text: &str) -> i64 {
    let parts: Vec<i64> = text.split('-').map(|part| part.parse().unwrap()).collect();
    day_of(parts[0], parts[1], parts[2])
}

fn number(named: &Named, value: &Value) -> i64 {
    match (named.kind.as_str(), value) {
        ("yes_no", Value::Boolean(yes)) => i64::from(*yes),
        ("count", Value::Integer(count)) => *count,
        ("money", Value::String(text)) => scaled(text, 2),
        ("rate", Value::String(text)) => scaled(text, 4),
        ("state", Value::String(text)) => state_code(text).unwrap(),
        ("date", Value::Datetime(date)) => day(&date.to_string()),
        ("choice", Value::String(text)) => named.choices.iter().position(|choice| choice == text).unwrap() as i64,
        (kind, value) => panic!("{}: {value} is no {kind}", named.name),
    }
}

fn place<'a>(entries: &'a [Named], name: &str) -> (i64, &'a Named) {
    let place = entries.iter().position(|entry| entry.name == name).unwrap_or_else(|| panic!("no input {name}"));
    (place as i64, &entries[place])
}

/// A request as it is, and one that asks for no steps.
const WITH_STEPS: u8 = 0;
const WITHOUT_STEPS: u8 = 4;

fn request(deal: &Deal, catalogue: &Table, steps: u8) -> Vec<u8> {
    let facts = named(&catalogue["facts"]);
    let kind = u8::from(deal.kind.as_deref() == Some("lease")) + steps;
    let [first, second, ..] = state_code(&deal.state).unwrap().to_le_bytes();
    let mut bytes = vec![FORM, kind, first, second];
    bytes.extend((day(&deal.date.to_string()) as i32).to_le_bytes());
    let mut rows = Vec::new();
    for (name, value) in &deal.facts {
        let (fact, named) = place(&facts, name);
        rows.push(number(named, value) << 16 | fact);
    }
    let mut entries = Vec::new();
    for (name, rows) in &deal.lists {
        let lists = catalogue["lists"].as_array().unwrap();
        let list = lists.iter().position(|list| list["name"].as_str() == Some(name)).unwrap() as i64;
        let fields = named(&lists[list as usize]["fields"]);
        let rows = rows.as_array().unwrap();
        entries.push([list | i64::from(LIST_COUNT_FIELD) << 32, rows.len() as i64]);
        for (row, values) in rows.iter().enumerate() {
            for (field, value) in values.as_table().unwrap() {
                let (field, named) = place(&fields, field);
                entries.push([list | (row as i64) << 16 | field << 32, number(named, value)]);
            }
        }
    }
    for count in [rows.len(), entries.len()] {
        bytes.extend((count as u32).to_le_bytes());
    }
    rows.extend(entries.concat());
    bytes.extend(rows.into_iter().flat_map(i64::to_le_bytes));
    bytes
}

fn refusal(status: i64, argument: i64, catalogue: &Table) -> String {
    let name =
        |entries: &Value, at: i64| entries.as_array().unwrap()[at as usize]["name"].as_str().unwrap().to_string();
    match (status, argument) {
        (1, LIST_ARGUMENT..) => format!("missing_fact:{}", name(&catalogue["lists"], argument - LIST_ARGUMENT)),
        (1, _) => format!("missing_fact:{}", name(&catalogue["facts"], argument)),
        (3, _) => "date_out_of_range".into(),
        (4, _) => "law_not_known".into(),
        _ => format!("status {status} {argument}"),
    }
}

fn cents(amount: i64) -> String {
    format!("{}.{:02}", amount / 100, amount % 100)
}

/// Ids of a rule file's levies in their order.
fn levy_ids(rules: &Table, state: &str) -> Vec<String> {
    let file: Table = toml::from_str(rules[state].as_str().unwrap()).unwrap();
    file["levies"].as_array().unwrap().iter().map(|levy| levy["id"].as_str().unwrap().into()).collect()
}

/// Runs a fixture's deals, each with its steps and without them (the quick way), and says what differs.
fn check(path: &Path, inputs: &str, faults: &mut Vec<String>) -> (String, Vec<String>) {
    let name = path.file_stem().unwrap().to_string_lossy().into_owned();
    let fixture: Fixture =
        toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(!fixture.law.is_empty() && !fixture.deals.is_empty(), "{name} shows nothing");
    let catalogue: Table = toml::from_str(inputs).unwrap();
    let files: Vec<(String, String)> = fixture
        .rules
        .iter()
        .map(|(code, text)| {
            let head = format!(
                "code = \"{code}\"\nname = \"{code}\"\ntax_name = \"t\"\nauthority = \"a\"\nreviewed = 2026-11-24\nsummary = \"s\"\n\
                 sources.law = {{ title = \"t\", kind = \"statute\" }}\n"
            );
            (code.clone(), head + text.as_str().unwrap())
        })
        .collect();
    let compiled = match compiler::compile(inputs, &files) {
        Ok(compiled) => compiled,
        Err(fault) => {
            faults.push(format!("{name}: {fault}"));
            return (name, fixture.shapes);
        }
    };
    let mut engine = Engine::new(&compiled.pack).unwrap();
    for (at, deal) in fixture.deals.iter().enumerate() {
        let ids = levy_ids(&fixture.rules, &deal.state);
        let expected = deal
            .refused
            .as_ref()
            .or(deal.total.as_ref())
            .unwrap_or_else(|| panic!("{name}, deal {at} expects nothing"));
        for steps in [WITH_STEPS, WITHOUT_STEPS] {
            let (got, lines) = answer(&engine.quote(&request(deal, &catalogue, steps)), &ids, &catalogue);
            if &got != expected || deal.lines.as_ref().is_some_and(|expected| &lines != expected) {
                faults.push(format!("{name}, deal {at}: {got} {lines:?}, not {expected} {:?}", deal.lines));
                break;
            }
        }
        if let Some(missing) = deal.refused.as_ref().and_then(|refused| refused.strip_prefix("missing_fact:")) {
            let asked = needs(&engine.needs(&request(deal, &catalogue, WITH_STEPS)), &catalogue);
            if !asked.iter().any(|asked| asked == missing) {
                faults.push(format!("{name}, deal {at}: {missing} is not asked, but {asked:?}"));
            }
        }
    }
    (name, fixture.shapes)
}

/// The names of what is required and not yet given.
fn needs(bytes: &[u8], catalogue: &Table) -> Vec<String> {
    let asked = bytes[16..].chunks_exact(8).map(|row| i64::from_le_bytes(row.try_into().unwrap()));
    let required = asked.filter(|row| row >> 32 == 1).map(|row| row & 0xffff_ffff);
    required.map(|fact| refusal(1, fact, catalogue).replace("missing_fact:", "")).collect()
}

/// Total or refusal, and the lines that are not zero.
fn answer(bytes: &[u8], ids: &[String], catalogue: &Table) -> (String, Vec<String>) {
    let answer = read_answer(bytes).unwrap();
    let refused = |of: Refusal| refusal(of.status, of.argument, catalogue);
    let got = if answer.refusal.status == 0 { cents(answer.total) } else { refused(answer.refusal) };
    let mut lines = Vec::new();
    for line in &answer.lines {
        let id = &ids[usize::from(line.levy)];
        match (line.refusal.status, line.count) {
            (0, _) if line.amount == 0 => {}
            (0, 1) => lines.push(format!("{id}: {}", cents(line.amount))),
            (0, count) => lines.push(format!("{id}: {count} x {}", cents(line.amount))),
            _ => lines.push(format!("{id}: {}", refused(line.refusal))),
        }
    }
    (got, lines)
}

#[test]
fn every_shape_gives_the_figure_of_its_law() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let inputs = std::fs::read_to_string(top.join("inputs.toml")).unwrap();
    let mut paths: Vec<_> =
        std::fs::read_dir(top.join("fixtures")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut faults = Vec::new();
    let shown: Vec<(String, Vec<String>)> = paths.iter().map(|path| check(path, &inputs, &mut faults)).collect();
    let page = std::fs::read_to_string(top.join("../docs/levy_language.md")).unwrap();
    for (name, shapes) in shown {
        for shape in shapes {
            let told = page
                .lines()
                .any(|line| line.starts_with(&format!("| {shape} |")) && line.contains(&format!("`{name}`")));
            if !told {
                faults.push(format!("docs/levy_language.md does not say that {name} shows {shape}"));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
