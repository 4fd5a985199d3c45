//! A rule file as it is written: `docs/levy_language.md`. An unfamiliar key is an error.

use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::{Deserializer, Error};
use toml::value::Datetime;

/// One jurisdiction.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleFile {
    pub code: String,
    pub name: String,
    pub tax_name: String,
    pub authority: String,
    pub reviewed: Datetime,
    pub summary: String,
    pub sources: IndexMap<String, Source>,
    #[serde(default)]
    pub values: IndexMap<String, ValueEntry>,
    #[serde(default)]
    pub bases: IndexMap<String, BaseEntry>,
    pub levies: Vec<LevyEntry>,
    #[serde(default)]
    pub tax_credits: Vec<CreditEntry>,
    #[serde(default)]
    pub defaults: IndexMap<String, Rows>,
    #[serde(default)]
    pub unmodelled: IndexMap<String, String>,
}

/// Where a fact of the law was read.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub title: String,
    pub url: Option<String>,
    pub kind: SourceKind,
}

/// What kind of text a source is.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    Statute,
    Regulation,
    Agency,
    Secondary,
}

impl SourceKind {
    pub fn word(self) -> &'static str {
        match self {
            SourceKind::Statute => "statute",
            SourceKind::Regulation => "regulation",
            SourceKind::Agency => "agency",
            SourceKind::Secondary => "secondary",
        }
    }
}

/// How sure the reading is.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    Primary,
    Secondary,
    Unverified,
}

impl Confidence {
    pub fn word(self) -> &'static str {
        match self {
            Confidence::Primary => "primary",
            Confidence::Secondary => "secondary",
            Confidence::Unverified => "unverified",
        }
    }
}

/// A value in one period, with where it was read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowEntry {
    #[serde(default, deserialize_with = "word")]
    pub value: Option<String>,
    pub rows: Option<Vec<Vec<String>>>,
    pub from: Option<Datetime>,
    pub until: Option<Datetime>,
    pub source: Vec<String>,
    pub confidence: Confidence,
    #[serde(default)]
    pub inferred: bool,
    #[serde(default)]
    pub indexed: bool,
    pub note: Option<String>,
    #[serde(default)]
    pub fact: Vec<String>,
}

/// A value is written as text; yes, no and whole numbers may stand bare.
fn word<'de, D: Deserializer<'de>>(input: D) -> Result<Option<String>, D::Error> {
    match toml::Value::deserialize(input)? {
        toml::Value::String(text) => Ok(Some(text)),
        toml::Value::Boolean(yes) => Ok(Some(if yes { "yes" } else { "no" }.into())),
        toml::Value::Integer(number) => Ok(Some(number.to_string())),
        other => Err(D::Error::custom(format!("a value is text, not {other}"))),
    }
}

/// One row or several, in the order of their periods.
#[derive(Clone, Debug)]
pub struct Rows(pub Vec<RowEntry>);

impl<'de> Deserialize<'de> for Rows {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Rows, D::Error> {
        let rows = match toml::Value::deserialize(input)? {
            toml::Value::Array(rows) => rows,
            row => vec![row],
        };
        let read = |row: toml::Value| row.try_into().map_err(D::Error::custom);
        rows.into_iter().map(read).collect::<Result<_, _>>().map(Rows)
    }
}

/// What the law sets, or what follows from facts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueEntry {
    pub says: String,
    pub unit: UnitWord,
    /// The fact whose choices a value of the unit `choice` takes.
    pub of: Option<String>,
    pub keys: Option<Vec<String>>,
    pub is: Rows,
}

/// Unit of a value.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum UnitWord {
    Money,
    Percent,
    Count,
    YesNo,
    Date,
    Choice,
}

/// Items, value test, credits.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaseEntry {
    pub kind: KindWord,
    pub says: String,
    pub test: Option<String>,
    pub items: IndexMap<String, Rows>,
    #[serde(default)]
    pub credits: IndexMap<String, Rows>,
}

/// Sale or lease.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum KindWord {
    Retail,
    Lease,
}

/// The kinds of deal that a levy belongs to: one word, or a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kinds(pub Vec<KindWord>);

impl Kinds {
    /// One bit for each kind, as the engine holds them.
    pub fn bits(&self) -> u8 {
        self.0.iter().fold(0, |bits, kind| bits | 1 << *kind as u8)
    }

    /// The words.
    pub fn words(&self) -> Vec<&'static str> {
        self.0.iter().map(|kind| kind.word()).collect()
    }
}

impl<'de> Deserialize<'de> for Kinds {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Kinds, D::Error> {
        let kinds = match toml::Value::deserialize(input)? {
            toml::Value::Array(kinds) => kinds,
            kind => vec![kind],
        };
        let kinds = kinds.into_iter().map(|kind| kind.try_into().map_err(D::Error::custom));
        kinds.collect::<Result<_, _>>().map(Kinds)
    }
}

impl KindWord {
    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            KindWord::Retail => "retail",
            KindWord::Lease => "lease",
        }
    }
}

/// What a levy is.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum CategoryWord {
    Tax,
    Fee,
    Limit,
    Range,
}

/// When it is due.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum DueWord {
    Signing,
    Titling,
    EachPayment,
    Registration,
    Renewal,
}

/// Who takes it.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum CollectorWord {
    Dealer,
    County,
    Lessor,
    Agency,
}

/// Ends of a slice.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SliceEntry {
    pub over: Option<String>,
    pub to: Option<String>,
}

/// Used up over the payments.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunningEntry {
    pub first: String,
    pub credit: Option<String>,
}

/// One levy, fee, limit or range.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevyEntry {
    pub id: String,
    pub name: String,
    pub kind: Kinds,
    pub category: CategoryWord,
    pub says: Option<String>,
    pub when: Option<String>,
    pub each: Option<String>,
    pub base: Option<String>,
    pub slice: Option<SliceEntry>,
    pub share: Option<String>,
    pub rate: Option<String>,
    pub amount: Option<String>,
    pub most: Option<String>,
    pub least: Option<String>,
    pub round: Option<String>,
    pub count: Option<String>,
    pub due: Option<DueWord>,
    pub collector: Option<CollectorWord>,
    pub date: Option<String>,
    pub in_force: Option<Rows>,
    pub running: Option<RunningEntry>,
    /// The charge that a limit bounds.
    pub item: Option<String>,
    /// The limit is only presumed reasonable.
    #[serde(default)]
    pub presumed: bool,
    pub source: Vec<String>,
    pub confidence: Confidence,
    #[serde(default)]
    pub inferred: bool,
    pub note: Option<String>,
    #[serde(default)]
    pub fact: Vec<String>,
}

/// What comes off levies.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreditEntry {
    pub id: String,
    pub name: String,
    pub kind: Kinds,
    pub against: Vec<String>,
    pub when: Option<String>,
    pub amount: String,
    pub source: Vec<String>,
    pub confidence: Confidence,
    #[serde(default)]
    pub inferred: bool,
    pub note: Option<String>,
    #[serde(default)]
    pub fact: Vec<String>,
}
