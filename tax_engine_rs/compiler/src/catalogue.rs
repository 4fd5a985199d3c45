//! The input catalogue: `inputs.toml`.

use crate::Fault;
use crate::expression::Type;
use indexmap::IndexMap;
use serde::Deserialize;
use tax_core::{Default, FactKind, FactSpec, List, state_code};

/// All facts and lists that a rule may read.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// Names of the states by their two letters.
    pub states: IndexMap<String, String>,
    pub facts: Vec<Input>,
    pub lists: Vec<ListInput>,
}

/// A fact, or a field of a list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: KindWord,
    #[serde(default)]
    pub choices: Vec<String>,
    pub default: String,
    /// The streams whose every base must place it.
    #[serde(default)]
    pub item: Vec<String>,
    pub says: String,
}

/// A list of rows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListInput {
    pub name: String,
    pub says: String,
    pub fields: Vec<Input>,
}

/// Type of an input.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum KindWord {
    Money,
    Rate,
    Count,
    YesNo,
    Choice,
    State,
    Date,
}

impl KindWord {
    /// The word of the catalogue.
    pub fn word(self) -> &'static str {
        match self {
            KindWord::Money => "money",
            KindWord::Rate => "rate",
            KindWord::Count => "count",
            KindWord::YesNo => "yes_no",
            KindWord::Choice => "choice",
            KindWord::State => "state",
            KindWord::Date => "date",
        }
    }
}

impl Input {
    /// What an expression sees.
    pub fn expression_type(&self) -> Type {
        match self.kind {
            KindWord::Money => Type::Money,
            KindWord::Rate => Type::Rate,
            KindWord::Count => Type::Count,
            KindWord::YesNo => Type::YesNo,
            KindWord::Choice => Type::Choice(self.choices.clone()),
            KindWord::State => Type::State,
            KindWord::Date => Type::Date,
        }
    }

    fn spec(&self, facts: &[Input], lists: &[ListInput]) -> Result<FactSpec, Fault> {
        let wrong = || Fault(format!("input {}: the default {:?} is not of its type", self.name, self.default));
        let kind = match self.kind {
            KindWord::Money => FactKind::Money,
            KindWord::Rate => FactKind::Rate,
            KindWord::Count => FactKind::Count,
            KindWord::YesNo => FactKind::YesNo,
            KindWord::Choice => FactKind::Choice(self.choices.len() as u8),
            KindWord::State => FactKind::State,
            KindWord::Date => FactKind::Date,
        };
        let list = |name: &str| lists.iter().position(|list| list.name == name).ok_or_else(wrong);
        let default = match (self.default.as_str(), self.kind) {
            (text, KindWord::Money) if text.starts_with("sum of ") => {
                let (name, field) = text["sum of ".len()..].split_once('.').ok_or_else(wrong)?;
                let place = list(name)?;
                let field = lists[place].fields.iter().position(|known| known.name == field).ok_or_else(wrong)?;
                Default::SumOf(place as u8, field as u8)
            }
            (text, KindWord::Count) if text.starts_with("rows of ") => {
                Default::RowsOf(list(&text["rows of ".len()..])? as u8)
            }
            ("required", _) => Default::Required,
            ("zero", KindWord::Money) => Default::Zero,
            ("here", KindWord::State) => Default::Here,
            (text, _) if text.starts_with("same as ") => {
                let other = facts.iter().position(|fact| fact.name == text["same as ".len()..]);
                Default::SameAs(other.ok_or_else(wrong)? as u16)
            }
            ("the date of the request", KindWord::Date) => Default::LawDate,
            ("yes", KindWord::YesNo) => Default::Number(1),
            ("no", KindWord::YesNo) => Default::Number(0),
            (word, KindWord::Choice) => {
                Default::Number(self.choices.iter().position(|choice| choice == word).ok_or_else(wrong)? as i64)
            }
            (number, KindWord::Count) => Default::Number(number.parse().map_err(|_| wrong())?),
            _ => return Err(wrong()),
        };
        Ok(FactSpec { kind, default })
    }
}

impl Catalogue {
    /// Reads `inputs.toml`.
    pub fn read(text: &str) -> Result<Catalogue, Fault> {
        let catalogue: Catalogue = toml::from_str(text).map_err(|error| Fault(format!("inputs.toml: {error}")))?;
        let mut names: Vec<&str> = catalogue.facts.iter().map(|fact| fact.name.as_str()).collect();
        names.extend(catalogue.lists.iter().map(|list| list.name.as_str()));
        names.sort_unstable();
        match names.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(Fault(format!("inputs.toml: {} stands twice", pair[0]))),
            None => Ok(catalogue),
        }
    }

    /// Position of a fact.
    pub fn fact(&self, name: &str) -> Option<u16> {
        self.facts.iter().position(|fact| fact.name == name).map(|place| place as u16)
    }

    /// Position of a list.
    pub fn list(&self, name: &str) -> Option<u8> {
        self.lists.iter().position(|list| list.name == name).map(|place| place as u8)
    }

    /// The states as the engine holds them, "other" among them, in order.
    pub fn state_codes(&self) -> Result<Vec<i64>, Fault> {
        let code = |letters: &String| state_code(letters).ok_or(Fault(format!("inputs.toml: {letters} is no state")));
        let mut codes: Vec<i64> = self.states.keys().map(code).collect::<Result<_, _>>()?;
        codes.push(0);
        codes.sort_unstable();
        Ok(codes)
    }

    /// The facts as the engine holds them.
    pub fn fact_specs(&self) -> Result<Vec<FactSpec>, Fault> {
        self.facts.iter().map(|fact| fact.spec(&self.facts, &self.lists)).collect()
    }

    /// The lists as the engine holds them.
    pub fn list_specs(&self) -> Result<Vec<List>, Fault> {
        let list = |list: &ListInput| {
            Ok(List { fields: list.fields.iter().map(|field| field.spec(&[], &[])).collect::<Result<_, _>>()? })
        };
        self.lists.iter().map(list).collect()
    }
}
