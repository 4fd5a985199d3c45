//! What the names of an expression stand for: facts of the catalogue, and values and bases of the rule file.

use std::collections::HashMap;
use toml::{Table, Value};

/// Type of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Cents.
    Money,
    /// Parts per million.
    Rate,
    /// Whole number.
    Count,
    /// Yes or no.
    YesNo,
    /// One of these words.
    Choice(Vec<String>),
    /// A state.
    State,
    /// A day.
    Date,
}

/// The names of one rule file.
pub struct Names {
    order: Vec<String>,
    kinds: HashMap<String, Kind>,
    lists: Vec<String>,
}

fn kind_of(entry: &Value) -> Option<Kind> {
    let word = |key: &str| entry.get(key).and_then(Value::as_str);
    Some(match word("type").or(word("unit"))? {
        "money" => Kind::Money,
        "rate" | "percent" => Kind::Rate,
        "count" => Kind::Count,
        "yes_no" => Kind::YesNo,
        "state" => Kind::State,
        "date" => Kind::Date,
        _ => {
            let choices = entry.get("choices").and_then(Value::as_array).cloned().unwrap_or_default();
            Kind::Choice(choices.iter().filter_map(Value::as_str).map(String::from).collect())
        }
    })
}

impl Names {
    /// The names that a rule file may use.
    pub fn new(catalogue: &Table, file: &Table) -> Names {
        let mut names = Names { order: Vec::new(), kinds: HashMap::new(), lists: Vec::new() };
        let entries = |key: &str| catalogue.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
        for fact in entries("facts") {
            names.add("", &fact);
        }
        for list in entries("lists") {
            names.lists.extend(list.get("name").and_then(Value::as_str).map(String::from));
            for field in list.get("fields").and_then(Value::as_array).cloned().unwrap_or_default() {
                names.add("row.", &field);
            }
        }
        for (id, value) in file.get("values").and_then(Value::as_table).into_iter().flatten() {
            let kind = match value.get("of").and_then(Value::as_str) {
                Some(of) => names.kinds.get(of).cloned(),
                None => kind_of(value),
            };
            names.put(id, kind);
        }
        for (id, _) in file.get("bases").and_then(Value::as_table).into_iter().flatten() {
            names.put(id, Some(Kind::Money));
        }
        for name in ["items", "base", "tax", "due", "home.tax"] {
            names.put(name, Some(Kind::Money));
        }
        names.put("home.known", Some(Kind::YesNo));
        names.put("here", Some(Kind::State));
        names.put("law_date", Some(Kind::Date));
        names
    }

    fn add(&mut self, prefix: &str, entry: &Value) {
        if let Some(name) = entry.get("name").and_then(Value::as_str) {
            self.put(&format!("{prefix}{name}"), kind_of(entry));
        }
    }

    fn put(&mut self, name: &str, kind: Option<Kind>) {
        if let Some(kind) = kind {
            self.order.push(name.into());
            self.kinds.insert(name.into(), kind);
        }
    }

    /// What a name stands for.
    pub fn kind(&self, name: &str) -> Option<Kind> {
        self.kinds.get(name).cloned()
    }

    /// Whether a function's first argument is a name and no expression.
    pub fn takes_names(&self, function: &str) -> bool {
        ["known", "given", "marginal", "read", "total", "largest"].contains(&function)
    }

    /// Another name of the same kind: the next one.
    pub fn other_of(&self, name: &str, kind: &Kind) -> Option<String> {
        let at = self.order.iter().position(|known| known == name)?;
        let rest = self.order[at + 1..].iter().chain(&self.order[..at]);
        rest.into_iter().find(|other| self.kinds[*other] == *kind && !other.starts_with("row.")).cloned()
    }

    /// Another word for a quoted one: a choice of the same fact that the expression does not name, or another state.
    pub fn other_word(&self, word: &str, text: &str) -> Option<String> {
        if word.len() == 2 && word.bytes().all(|letter| letter.is_ascii_uppercase()) || word == "other" {
            return Some("QQ".into());
        }
        let choices = |name: &&String| match &self.kinds[*name] {
            Kind::Choice(choices) if choices.iter().any(|choice| choice == word) => Some(choices.clone()),
            _ => None,
        };
        let named = self.order.iter().filter(|name| text.contains(name.as_str())).find_map(|name| choices(&name));
        let choices = named.or_else(|| self.order.iter().find_map(|name| choices(&name)))?;
        next_of(&choices, word, |other| !text.contains(&format!("'{other}'")))
    }

    /// The choices of a fact or value.
    pub fn choices(&self, name: &str) -> Vec<String> {
        match self.kinds.get(name) {
            Some(Kind::Choice(choices)) => choices.clone(),
            _ => Vec::new(),
        }
    }
}

/// The next word of a list that fits, going round.
pub fn next_of(words: &[String], word: &str, fits: impl Fn(&str) -> bool) -> Option<String> {
    let at = words.iter().position(|known| known == word)?;
    let rest = words[at + 1..].iter().chain(&words[..at]);
    rest.into_iter().find(|other| fits(other)).cloned()
}
