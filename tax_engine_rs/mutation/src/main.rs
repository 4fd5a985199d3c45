//! `mutation REQUESTS [STATE…]` changes every value of the rule files, one at a time, compiles them and asks the scenarios'
//! requests again. It writes one JSON object: how many changes were tried and where, how many stopped the build, how many changed
//! an answer, and each that nothing noticed.
//!
//! REQUESTS holds the requests, each with its length in bytes in front (64-bit little-endian).
#![forbid(unsafe_code)]

mod answers;
mod mutants;
mod names;
mod words;

use answers::{Law, Request, requests};
use compiler::{Fault, compile, read_file, read_folder};
use mutants::{Mutant, Notice, mutants};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use tax_core::state_code;
use toml::Table;

type Files = Vec<(String, String)>;

/// Answers before any change, one for each of [`Notice`].
struct Before {
    figures: Vec<u64>,
    cited: Vec<u64>,
    texts: Vec<u64>,
}

impl Before {
    fn new(law: &mut Law, requests: &[&Request]) -> Before {
        let mut all = |notice| requests.iter().map(|request| law.answer(request, notice)).collect();
        Before { figures: all(Notice::Figures), cited: all(Notice::Cited), texts: all(Notice::Texts) }
    }

    fn of(&self, notice: Notice) -> &[u64] {
        match notice {
            Notice::Figures => &self.figures,
            Notice::Cited => &self.cited,
            Notice::Texts => &self.texts,
        }
    }
}

struct Trial<'a> {
    catalogue: &'a str,
    files: &'a Files,
    place: usize,
    table: Table,
    own: Vec<&'a Request>,
    alone: Before,
    all: &'a [&'a Request],
    together: &'a Before,
}

enum Outcome {
    Stopped,
    Noticed,
    Survived,
}

fn law(catalogue: &str, files: &[(String, String)]) -> Result<Law, Fault> {
    let compiled = compile(catalogue, files)?;
    Law::new(&compiled.pack, &compiled.law).ok_or(Fault("the pack cannot be read".into()))
}

fn differs(law: &mut Law, requests: &[&Request], before: &[u64], notice: Notice) -> bool {
    requests.iter().zip(before).any(|(request, before)| law.answer(request, notice) != *before)
}

impl Trial<'_> {
    fn run(&self, mutant: &Mutant) -> Outcome {
        let name = &self.files[self.place].0;
        let text = toml::to_string(&mutant.applied(&self.table)).unwrap_or_default();
        let changed = (name.clone(), text);
        let Ok(mut alone) = law(self.catalogue, std::slice::from_ref(&changed)) else { return Outcome::Stopped };
        if differs(&mut alone, &self.own, self.alone.of(mutant.notice), mutant.notice) {
            return Outcome::Noticed;
        }
        // A state's law is also asked by those of its residents who buy elsewhere, and it asks that of others.
        let mut files = self.files.clone();
        files[self.place] = changed;
        let Ok(mut all) = law(self.catalogue, &files) else { return Outcome::Stopped };
        if differs(&mut all, self.all, self.together.of(mutant.notice), mutant.notice) {
            Outcome::Noticed
        } else {
            Outcome::Survived
        }
    }
}

/// What became of the changes of one file.
#[derive(Default)]
struct Sum {
    stopped: usize,
    noticed: usize,
    survivors: Vec<Value>,
}

fn tried(trial: &Trial<'_>, found: &[Mutant]) -> Sum {
    let next = AtomicUsize::new(0);
    let sum = Mutex::new(Sum::default());
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(mutant) = found.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = trial.run(mutant);
                    let Ok(mut sum) = sum.lock() else { return };
                    match outcome {
                        Outcome::Stopped => sum.stopped += 1,
                        Outcome::Noticed => sum.noticed += 1,
                        Outcome::Survived => sum.survivors.push(json!({
                            "file": trial.files[trial.place].0, "path": mutant.path, "old": mutant.old, "new": mutant.new,
                        })),
                    }
                }
            });
        }
    });
    sum.into_inner().unwrap_or_default()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, only @ ..] = &arguments[..] else { return Err("usage: mutation REQUESTS [STATE…]".into()) };
    let data = std::fs::read(file)?;
    let requests = requests(&data);
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let catalogue = read_file(&top.join("inputs.toml"))?.1;
    // The files as the changed ones are written, so that only the change differs.
    let tables: Vec<(String, Table)> = read_folder(&top.join("rules"))?
        .into_iter()
        .map(|(name, text)| Ok((name, text.parse()?)))
        .collect::<Result<_, toml::de::Error>>()?;
    let files: Files = tables
        .iter()
        .map(|(name, table)| Ok((name.clone(), toml::to_string(table)?)))
        .collect::<Result<_, toml::ser::Error>>()?;
    let all: Vec<&Request> = requests.iter().collect();
    let together = Before::new(&mut law(&catalogue, &files)?, &all);
    let mut report = serde_json::Map::new();
    for (place, (name, table)) in tables.iter().enumerate() {
        let code = name.trim_end_matches(".toml");
        if !only.is_empty() && !only.iter().any(|wanted| wanted == code) {
            continue;
        }
        let state = state_code(code).unwrap_or(-1);
        let own: Vec<&Request> = requests.iter().filter(|request| request.state == state).collect();
        let alone = Before::new(&mut law(&catalogue, &files[place..=place])?, &own);
        let trial = Trial {
            catalogue: &catalogue,
            files: &files,
            place,
            table: table.clone(),
            own,
            alone,
            all: &all,
            together: &together,
        };
        let found = mutants(&catalogue.parse()?, table);
        let Sum { stopped, noticed, mut survivors } = tried(&trial, &found);
        survivors.sort_by_key(|one| (one["path"].to_string(), one["new"].to_string()));
        let places: BTreeSet<&str> = found.iter().map(|mutant| mutant.path.as_str()).collect();
        report.insert(
            code.into(),
            json!({"tried": found.len(), "places": places, "stopped": stopped, "noticed": noticed, "survivors": survivors}),
        );
    }
    println!("{}", Value::Object(report));
    Ok(())
}
