//! Every value of a rule file with its smallest changes.

use crate::names::{Names, next_of};
use crate::words::{changed, days_beside, neighbours};
use toml::{Table, Value};

/// How much of an answer must change before a changed value counts as noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A figure, a day, a payer or a refusal of the answer's lines: for all that computes.
    Figures,
    /// That, or the sources, sureness and notes of what a line cites: for the days on which a row begins and ends.
    Cited,
    /// That, or any text that a line cites: for sources, sureness, notes and names.
    Texts,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Key of a table.
    Key(String),
    /// Place in an array.
    Place(usize),
}

/// A rule file with one value changed.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// Where the value stands, `levies.county_surtax.when`.
    pub path: String,
    /// As written.
    pub old: String,
    /// As changed.
    pub new: String,
    /// What must notice it.
    pub notice: Notice,
    edits: Vec<(Vec<Step>, Value)>,
}

impl Mutant {
    /// The rule file with the change.
    pub fn applied(&self, file: &Table) -> Table {
        let mut file = Value::Table(file.clone());
        for (path, value) in &self.edits {
            let mut at = &mut file;
            for step in path {
                at = match step {
                    Step::Key(key) => &mut at[key.as_str()],
                    Step::Place(place) => &mut at[*place],
                };
            }
            at.clone_from(value);
        }
        match file {
            Value::Table(file) => file,
            _ => Table::new(),
        }
    }
}

/// What a row's `value` is.
#[derive(Clone, Copy)]
enum Slot<'a> {
    /// A value of this unit.
    Unit(&'a str),
    Item,
    Credit,
}

/// Words for people: any change of them is a change of the text that an answer cites.
const TEXTS: [&str; 9] = ["name", "tax_name", "authority", "summary", "says", "note", "title", "url", "item"];
/// Words of a closed set, by their key.
const CLOSED: [(&str, &[&str]); 4] = [
    ("confidence", &["primary", "secondary", "unverified"]),
    ("category", &["tax", "fee", "limit", "range"]),
    ("due", &["signing", "titling", "each_payment", "registration", "renewal"]),
    ("collector", &["dealer", "county", "lessor", "agency"]),
];
const UNITS: [&str; 6] = ["money", "percent", "count", "yes_no", "date", "choice"];
const SOURCE_KINDS: [&str; 4] = ["statute", "regulation", "agency", "secondary"];
const EXPRESSIONS: [&str; 12] =
    ["when", "base", "share", "rate", "amount", "most", "least", "count", "test", "over", "to", "first"];

/// Finds all mutants of a rule file.
pub struct Finder<'a> {
    file: &'a Table,
    names: Names,
    sources: Vec<String>,
    levies: Vec<String>,
    found: Vec<Mutant>,
    path: Vec<Step>,
    shown: Vec<String>,
}

/// Every changed rule file.
pub fn mutants(catalogue: &Table, file: &Table) -> Vec<Mutant> {
    let ids = |key: &str| match file.get(key) {
        Some(Value::Table(table)) => table.keys().cloned().collect(),
        Some(Value::Array(entries)) => entries.iter().filter_map(|one| Some(one.get("id")?.as_str()?.into())).collect(),
        _ => Vec::new(),
    };
    let names = Names::new(catalogue, file);
    let (sources, levies) = (ids("sources"), ids("levies"));
    let mut finder = Finder { file, names, sources, levies, found: Vec::new(), path: Vec::new(), shown: Vec::new() };
    finder.file();
    finder.found
}

impl Finder<'_> {
    fn within(&mut self, key: &str, work: impl FnOnce(&mut Self)) {
        self.path.push(Step::Key(key.into()));
        self.shown.push(key.into());
        work(self);
        self.path.pop();
        self.shown.pop();
    }

    fn at(&mut self, place: usize, shown: &str, work: impl FnOnce(&mut Self)) {
        self.path.push(Step::Place(place));
        self.shown.push(shown.into());
        work(self);
        self.path.pop();
        self.shown.pop();
    }

    fn put(&mut self, notice: Notice, old: &str, new: &str, edits: Vec<(Vec<Step>, Value)>) {
        self.found.push(Mutant { path: self.shown.join("."), old: old.into(), new: new.into(), notice, edits });
    }

    /// The value at hand, as another one.
    fn as_value(&mut self, notice: Notice, old: &str, new: &str, value: Value) {
        self.put(notice, old, new, vec![(self.path.clone(), value)]);
    }

    fn as_text(&mut self, notice: Notice, old: &str, new: &str) {
        self.as_value(notice, old, new, Value::String(new.into()));
    }

    fn file(&mut self) {
        let file = self.file;
        for (key, value) in file {
            self.within(key, |this| match (key.as_str(), value) {
                ("reviewed", Value::Datetime(day)) => this.day(Notice::Figures, &day.to_string()),
                ("sources" | "values" | "bases" | "defaults", Value::Table(entries)) => {
                    for (id, entry) in entries {
                        this.within(id, |this| match (key.as_str(), entry) {
                            ("defaults", rows) => {
                                let unit = this.names.kind(id).map_or("choice", |kind| unit_of(&kind));
                                this.rows(rows, Slot::Unit(if unit == "choice" { id } else { unit }));
                            }
                            (_, Value::Table(entry)) => this.entry(entry, id),
                            _ => {}
                        });
                    }
                }
                ("levies" | "tax_credits", Value::Array(entries)) => {
                    for (place, entry) in entries.iter().enumerate() {
                        let Value::Table(entry) = entry else { continue };
                        let id = entry.get("id").and_then(Value::as_str).unwrap_or_default().to_string();
                        this.at(place, &id, |this| this.entry(entry, &id));
                    }
                }
                ("code", Value::String(code)) => this.as_text(Notice::Figures, code, "QQ"),
                (_, Value::String(text)) => this.people(text),
                _ => {} // `unmodelled`: held by the pages and the test of facts
            });
        }
    }

    /// A table of keys that have one meaning wherever they stand.
    fn entry(&mut self, entry: &Table, id: &str) {
        let unit = entry.get("unit").and_then(Value::as_str).unwrap_or_default();
        for (key, value) in entry {
            self.within(key, |this| match (key.as_str(), value) {
                ("is", rows) => {
                    let slot = Slot::Unit(if unit == "choice" { id } else { unit });
                    this.rows(rows, slot);
                }
                ("in_force", rows) => this.rows(rows, Slot::Unit("yes_no")),
                ("items" | "credits", Value::Table(placed)) => {
                    let slot = if key == "items" { Slot::Item } else { Slot::Credit };
                    for (name, rows) in placed {
                        this.within(name, |this| this.rows(rows, slot));
                    }
                }
                ("slice" | "running", Value::Table(parts)) => this.entry(parts, id),
                ("fact" | "id", _) => {}
                ("source", Value::Array(sources)) => this.sources(sources),
                ("against", Value::Array(levies)) => this.against(levies),
                ("keys", Value::Array(keys)) => {
                    for (place, key) in keys.iter().enumerate() {
                        this.at(place, &place.to_string(), |this| this.key(key.as_str().unwrap_or_default()));
                    }
                }
                ("kind", kind) => this.kind(kind),
                ("unit", Value::String(unit)) => this.closed(Notice::Figures, &UNITS, unit),
                ("each", Value::String(list)) => {
                    let other = if list == "trades" { "local" } else { "trades" };
                    this.as_text(Notice::Figures, list, other);
                }
                ("date", Value::String(date)) => {
                    for other in
                        ["payment", "delivery_date", "first_payment_date"].iter().filter(|other| *other != date)
                    {
                        this.as_text(Notice::Figures, date, other);
                    }
                }
                ("of", Value::String(fact)) => {
                    let other = this.names.kind(fact).and_then(|kind| this.names.other_of(fact, &kind));
                    this.as_text(Notice::Figures, fact, &other.unwrap_or("new_or_used".into()));
                }
                ("round", Value::String(round)) => this.round(round),
                ("credit", Value::String(text)) => this.expression(text),
                (key, Value::String(text)) if EXPRESSIONS.contains(&key) => this.expression(text),
                (_, value) => this.cited(key, value),
            });
        }
    }

    /// What says where and how surely a thing was read.
    fn cited(&mut self, key: &str, value: &Value) {
        match (key, value) {
            ("inferred" | "indexed" | "presumed", Value::Boolean(yes)) => {
                self.as_value(Notice::Texts, &yes.to_string(), &(!yes).to_string(), Value::Boolean(!yes));
            }
            (_, Value::String(text)) => {
                if let Some((_, words)) = CLOSED.iter().find(|(closed, _)| *closed == key) {
                    let notice = if key == "confidence" { Notice::Texts } else { Notice::Figures };
                    self.closed(notice, words, text);
                } else if TEXTS.contains(&key) {
                    self.people(text);
                } else {
                    self.as_text(Notice::Figures, text, "unfamiliar");
                }
            }
            _ => {}
        }
    }

    fn people(&mut self, text: &str) {
        self.as_text(Notice::Texts, text, &format!("{text} (otherwise)"));
    }

    fn closed(&mut self, notice: Notice, words: &[&str], word: &str) {
        for other in words.iter().filter(|other| **other != word) {
            self.as_text(notice, word, other);
        }
    }

    fn kind(&mut self, kind: &Value) {
        match kind {
            Value::String(word) if SOURCE_KINDS.contains(&word.as_str()) => {
                self.closed(Notice::Texts, &SOURCE_KINDS, word)
            }
            Value::String(word) => {
                let other = if word == "retail" { "lease" } else { "retail" };
                self.as_text(Notice::Figures, word, other);
                let both = Value::Array(vec!["retail".into(), "lease".into()]);
                self.as_value(Notice::Figures, word, "retail and lease", both);
            }
            Value::Array(_) => {
                for word in ["retail", "lease"] {
                    self.as_text(Notice::Figures, "retail and lease", word);
                }
            }
            _ => {}
        }
    }

    fn round(&mut self, round: &str) {
        let (unit, way) = round.split_once(' ').unwrap_or((round, "half_up"));
        for other in ["half_up", "half_even", "up", "down"].iter().filter(|other| **other != way) {
            self.as_text(Notice::Figures, round, &format!("{unit} {other}"));
        }
        let other = if unit == "cent" { "dollar" } else { "cent" };
        self.as_text(Notice::Figures, round, &format!("{other} {way}"));
    }

    fn sources(&mut self, cited: &[Value]) {
        for (place, id) in cited.iter().enumerate() {
            let id = id.as_str().unwrap_or_default().to_string();
            let fits = |other: &str| !cited.iter().any(|known| known.as_str() == Some(other));
            let Some(other) = next_of(&self.sources, &id, fits) else { continue };
            self.at(place, &place.to_string(), |this| this.as_text(Notice::Texts, &id, &other));
        }
    }

    fn against(&mut self, levies: &[Value]) {
        let named: Vec<&str> = levies.iter().filter_map(Value::as_str).collect();
        for place in 0..named.len() {
            let mut fewer = levies.to_vec();
            fewer.remove(place);
            self.as_value(
                Notice::Figures,
                &named.join(", "),
                &format!("without {}", named[place]),
                Value::Array(fewer),
            );
        }
        for place in 1..named.len() {
            let mut turned = levies.to_vec();
            turned.swap(place - 1, place);
            let what = format!("{} before {}", named[place], named[place - 1]);
            self.as_value(Notice::Figures, &named.join(", "), &what, Value::Array(turned));
        }
    }

    fn day(&mut self, notice: Notice, day: &str) {
        for other in days_beside(day) {
            if let Ok(date) = other.parse() {
                self.as_value(notice, day, &other, Value::Datetime(date));
            }
        }
    }

    fn expression(&mut self, text: &str) {
        for new in changed(text, &self.names) {
            self.as_text(Notice::Figures, text, &new);
        }
    }

    /// What a table is read by: changed as an expression, and where it is a choice of its own, another choice.
    fn key(&mut self, text: &str) {
        let before = self.found.len();
        self.expression(text);
        if self.found.len() == before {
            self.as_text(Notice::Figures, text, if text == "fuel" { "new_or_used" } else { "fuel" });
        }
    }

    fn rows(&mut self, rows: &Value, slot: Slot<'_>) {
        match rows {
            Value::Array(rows) => {
                for (place, row) in rows.iter().enumerate() {
                    let Value::Table(row) = row else { continue };
                    self.at(place, &place.to_string(), |this| this.row(row, slot));
                }
                for (place, row) in rows.iter().enumerate().skip(1) {
                    self.boundary(place, row);
                }
            }
            Value::Table(row) => self.row(row, slot),
            _ => {}
        }
    }

    /// The day on which one row ends and the next begins, moved in both.
    fn boundary(&mut self, place: usize, row: &Value) {
        let Some(from) = row.get("from").map(ToString::to_string) else { return };
        for other in days_beside(&from) {
            let last = days_beside(&other).pop().and_then(|day| day.parse().ok());
            let (Ok(first), Some(last)) = (other.parse(), last) else { continue };
            let at = |place: usize, key: &str| {
                let mut path = self.path.clone();
                path.extend([Step::Place(place), Step::Key(key.into())]);
                path
            };
            let edits =
                vec![(at(place, "from"), Value::Datetime(first)), (at(place - 1, "until"), Value::Datetime(last))];
            self.put(Notice::Cited, &format!("from {from}"), &format!("from {other}"), edits);
        }
    }

    fn row(&mut self, row: &Table, slot: Slot<'_>) {
        for (key, value) in row {
            self.within(key, |this| match (key.as_str(), value) {
                ("value", Value::String(text)) => this.worth(text, slot),
                ("value", other) => this.worth(&other.to_string(), slot),
                ("rows", Value::Array(rows)) => this.table(rows, slot),
                ("from" | "until", Value::Datetime(day)) => this.day(Notice::Texts, &day.to_string()),
                ("source", Value::Array(sources)) => this.sources(sources),
                ("fact", _) => {}
                (_, value) => this.cited(key, value),
            });
        }
    }

    /// A row's value or the last cell of a table's row.
    fn worth(&mut self, text: &str, slot: Slot<'_>) {
        let other = |pairs: &[(&str, &'static str)]| pairs.iter().find(|(word, _)| *word == text).map(|(_, new)| *new);
        match slot {
            Slot::Item => match other(&[("in", "out"), ("out", "in"), ("less", "in")]) {
                Some(new) => {
                    self.as_text(Notice::Figures, text, new);
                    if text != "less" {
                        self.as_text(Notice::Figures, text, "less");
                    }
                }
                None => match text.strip_prefix("levy ") {
                    Some(levy) => {
                        self.as_text(Notice::Figures, text, "in");
                        if let Some(other) = next_of(&self.levies, levy, |_| true) {
                            self.as_text(Notice::Texts, text, &format!("levy {other}"));
                        }
                    }
                    None => self.unit(text, "money"),
                },
            },
            Slot::Credit => match other(&[("full", "none"), ("none", "full")]) {
                Some(new) => self.as_text(Notice::Figures, text, new),
                None => self.unit(text, "money"),
            },
            Slot::Unit(unit) => self.unit(text, unit),
        }
    }

    fn unit(&mut self, text: &str, unit: &str) {
        let plain = |letter: char| letter.is_ascii_digit() || letter == '.';
        let places = match unit {
            "money" => Some(2),
            "percent" => Some(4),
            "count" => Some(0),
            _ => None,
        };
        if text == "not_known" {
            let known = match unit {
                "money" | "percent" => "0.00",
                "count" => "0",
                "yes_no" => "no",
                "date" => "2026-01-01",
                name => &self.names.choices(name).first().cloned().unwrap_or_default(),
            };
            self.as_text(Notice::Figures, text, known);
        } else if let Some(places) = places.filter(|_| text.chars().all(plain)) {
            for new in neighbours(text, places) {
                self.as_text(Notice::Figures, text, &new);
            }
        } else if unit == "date" && text.parse::<toml::value::Datetime>().is_ok() {
            for new in days_beside(text) {
                self.as_text(Notice::Figures, text, &new);
            }
        } else if let Some(new) = next_of(&self.names.choices(unit), text, |_| true) {
            self.as_text(Notice::Figures, text, &new);
        } else {
            self.expression(text);
        }
    }

    fn table(&mut self, rows: &[Value], slot: Slot<'_>) {
        let cells: Vec<Vec<&str>> = rows.iter().map(texts).collect();
        for (place, row) in cells.iter().enumerate() {
            let last = row.len() - 1;
            self.at(place, &place.to_string(), |this| {
                this.at(last, &last.to_string(), |this| this.worth(row[last], slot));
            });
        }
        let keys = cells.first().map_or(0, |row| row.len() - 1);
        for column in 0..keys {
            self.bounds(&cells, column);
            self.choices(&cells, column);
        }
    }

    fn edits(&self, cells: &[Vec<&str>], column: usize, changed: impl Fn(&str) -> String) -> Vec<(Vec<Step>, Value)> {
        let mut edits = Vec::new();
        for (place, row) in cells.iter().enumerate() {
            let new = changed(row[column]);
            if new != row[column] {
                let mut path = self.path.clone();
                path.extend([Step::Place(place), Step::Place(column)]);
                edits.push((path, Value::String(new)));
            }
        }
        edits
    }

    /// A bound between two ranges, moved in both.
    fn bounds(&mut self, cells: &[Vec<&str>], column: usize) {
        let parts = || cells.iter().flat_map(|row| row[column].split('|'));
        let mut highs: Vec<String> = Vec::new();
        for part in parts() {
            let high = part.split_once("..").map_or(part, |(_, high)| high);
            if !high.is_empty()
                && high.starts_with(|first: char| first.is_ascii_digit())
                && !highs.iter().any(|known| known == high)
            {
                highs.push(high.into());
            }
        }
        for high in highs {
            let places = if high.contains('.') { 2 } else { 0 };
            let next = neighbours(&high, places).swap_remove(0);
            for new in neighbours(&high, places) {
                let after = neighbours(&new, places).swap_remove(0);
                let edits = self.edits(cells, column, |cell| {
                    let moved = |part: &str| {
                        let (low, end) = part.split_once("..").unwrap_or((part, part));
                        let low = if low == next { &after } else { low };
                        let end = if end == high { &new } else { end };
                        match part.contains("..") || low != end {
                            true => format!("{low}..{end}"),
                            false => low.to_string(),
                        }
                    };
                    cell.split('|').map(moved).collect::<Vec<_>>().join("|")
                });
                self.put(Notice::Figures, &format!("..{high}"), &format!("..{new}"), edits);
            }
        }
    }

    /// Two words of a column, each in the other's place.
    fn choices(&mut self, cells: &[Vec<&str>], column: usize) {
        let mut words: Vec<(usize, &str)> = Vec::new();
        for (place, row) in cells.iter().enumerate() {
            for word in row[column].split('|') {
                let plain = word.starts_with(|first: char| first.is_ascii_alphabetic());
                if plain && !words.iter().any(|(_, known)| *known == word) {
                    words.push((place, word));
                }
            }
        }
        for (place, word) in &words {
            let Some((_, other)) = words
                .iter()
                .cycle()
                .skip_while(|(_, known)| known != word)
                .skip(1)
                .take(words.len() - 1)
                .find(|(at, _)| at != place)
            else {
                continue;
            };
            let edits = self.edits(cells, column, |cell| {
                let turned = |part: &str| {
                    if part == *word {
                        (*other).to_string()
                    } else if part == *other {
                        (*word).to_string()
                    } else {
                        part.to_string()
                    }
                };
                cell.split('|').map(turned).collect::<Vec<_>>().join("|")
            });
            self.put(Notice::Figures, word, other, edits);
        }
    }
}

fn texts(row: &Value) -> Vec<&str> {
    row.as_array().map(|cells| cells.iter().filter_map(Value::as_str).collect()).unwrap_or_default()
}

fn unit_of(kind: &crate::names::Kind) -> &'static str {
    use crate::names::Kind;
    match kind {
        Kind::Money => "money",
        Kind::Rate => "percent",
        Kind::Count => "count",
        Kind::YesNo => "yes_no",
        Kind::Date => "date",
        Kind::State | Kind::Choice(_) => "choice",
    }
}
