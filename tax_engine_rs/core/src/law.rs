//! The law as the engine holds it: one [`State`] per jurisdiction, made of dated values, bases and levies.
//!
//! Expressions are nodes in one list per state; a node names others by their position and always earlier ones.

use crate::exact::Way;
use alloc::string::String;
use alloc::vec::Vec;

/// The most facts that a catalogue may have.
pub const MOST_FACTS: usize = 256;
/// The most lists that a catalogue may have.
pub const MOST_LISTS: usize = 8;
/// Category of a levy that makes up the total.
pub const TAX: u8 = 0;
/// Category of the bounds of a local rate.
pub const RANGE: u8 = 3;

/// Two letters of a state as one number; 0 is "other", a place whose own law plays no part.
pub fn state_code(letters: &str) -> Option<i64> {
    match letters.as_bytes() {
        b"other" => Some(0),
        [a @ b'A'..=b'Z', b @ b'A'..=b'Z'] => Some(i64::from(*a) * 256 + i64::from(*b)),
        _ => None,
    }
}

/// What kind of thing a fact is, with the bounds that the engine holds it to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactKind {
    /// Cents, from nothing to a hundred million dollars.
    Money,
    /// Parts per million, up to 100 %.
    Rate,
    /// A whole number.
    Count,
    /// 0 or 1.
    YesNo,
    /// One of so many choices, by position.
    Choice(u8),
    /// Two letters as [`state_code`] gives them.
    State,
    /// Days since 1970-01-01.
    Date,
}

/// What an unknown fact is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Default {
    /// The deal is refused.
    Required,
    /// A money item that the deal does not have.
    Zero,
    /// A documented default, shown in the trace.
    Number(i64),
    /// The state whose law is asked.
    Here,
    /// The date of the request.
    LawDate,
    /// Sum of a field over the rows of a list; nothing without rows.
    SumOf(u8, u8),
    /// Number of rows of a list; one where the list is not given.
    RowsOf(u8),
    /// The same as another fact.
    SameAs(u16),
}

/// A fact of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FactSpec {
    /// Its type.
    pub kind: FactKind,
    /// What it is taken for when unknown.
    pub default: Default,
}

/// A list of the catalogue, by the fields of its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// Fields of a row.
    pub fields: Vec<FactSpec>,
}

/// The unit in which a value is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Cents.
    Money,
    /// Parts per million.
    Rate,
    /// Whole number.
    Count,
    /// 0 or 1.
    YesNo,
    /// Anything else: a choice, a state, a day.
    Word,
}

/// Operators of two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// a + b
    Add,
    /// a - b
    Subtract,
    /// a * b
    Multiply,
    /// a / b
    Divide,
    /// a = b
    Equal,
    /// a < b
    Less,
    /// a <= b
    LessOrEqual,
    /// a and b; b is not asked when a fails
    And,
    /// a or b; b is not asked when a holds
    Or,
}

/// Functions of several arguments; see `docs/levy_language.md`, part 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Function {
    /// Least of the arguments.
    Min,
    /// Greatest of the arguments.
    Max,
    /// What of the first lies above the second.
    Over,
    /// What of the first lies above the second, up to the third.
    Slice,
    /// Whether the first equals one of the others.
    In,
    /// How many of the second are in the first.
    Units(Way),
    /// The first rounded to the second.
    Round(Way),
    /// The first to the power of the second.
    Power,
    /// Year of a day.
    Year,
    /// Full months between two days.
    MonthsBetween,
    /// Full years between two days.
    YearsBetween,
}

/// One step of an expression.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// A whole number: cents, count, day, choice, state.
    Whole(i64),
    /// A rate in parts per million.
    PerMillion(i64),
    /// A fact of the deal.
    Fact(u16),
    /// Whether a fact is given.
    Known(u16),
    /// A fact as the deal gives it, its default not taken.
    Given(u16),
    /// Whether a list is given.
    ListKnown(u8),
    /// A dated value.
    Value(u16),
    /// A base: items, test, credits.
    Base(u16),
    /// A table read by its own keys.
    Table(u16),
    /// Each part of the argument at its own row of a table.
    Marginal(u16, u32),
    /// Two sides.
    Binary(Operator, u32, u32),
    /// Not.
    Not(u32),
    /// The number with the other sign.
    Negative(u32),
    /// If, then, else.
    If(u32, u32, u32),
    /// A function of its arguments.
    Call(Function, Vec<u32>),
    /// Sum of an expression over the rows of a list.
    Total(u8, u32),
    /// Sum of the so many largest values of a field of a list.
    Largest(u8, u8, u32),
    /// A field (second) of the row at hand of a list (first).
    RowField(u8, u8),
    /// Whether a field of the row at hand is given.
    RowKnown(u8, u8),
    /// The state whose law is asked.
    Here,
    /// The day that picks the law.
    LawDate,
    /// Sum of the items, in a value test.
    Items,
    /// The base, in rate, amount, share and bounds.
    BaseAmount,
    /// The tax before its bounds.
    Tax,
    /// What the levies named by a tax credit come to.
    Due,
    /// The tax of the buyer's home state on this deal.
    HomeTax,
    /// Whether the home state's file is in the pack.
    HomeKnown,
    /// Law that is not known in this period.
    NotKnown,
}

/// A value in one period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// First day.
    pub from: i64,
    /// What it is.
    pub node: u32,
}

/// What the law sets, in each period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// Unit in which it is shown.
    pub unit: Unit,
    /// The fact that this value places in a base; its line is shown when the deal has that amount.
    pub item: Option<u16>,
    /// Whether it is the same wherever it is asked in one quote.
    pub constant: bool,
    /// Its periods, without overlap or gap.
    pub rows: Vec<Row>,
}

/// Items added up, tested, less credits, never below zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// Values added up (a deduction is negative).
    pub items: Vec<u16>,
    /// Replaces the sum.
    pub test: Option<u32>,
    /// Values taken off.
    pub credits: Vec<u16>,
}

/// One cell of a table: ranges of a key, both ends included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell(pub Vec<(i64, i64)>);

/// A table: the first row whose cells hold all keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What it is read by.
    pub keys: Vec<u32>,
    /// Cells and the value.
    pub rows: Vec<(Vec<Cell>, u32)>,
}

/// The day that picks a levy's law.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateRule {
    /// The date of the request.
    Request,
    /// A date of the deal.
    Fact(u16),
    /// Each payment's own day, counted in months from this fact.
    Payment(u16),
}

/// A slice and a credit that are used up over the payments of a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Running {
    /// What is received at signing.
    pub first: u32,
    /// What comes off the first receipts.
    pub credit: Option<u32>,
}

/// One levy; the slots apply in the order of `docs/levy_language.md`, part 7.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Levy {
    /// Kinds of deal, a bit each: 1 retail, 2 lease.
    pub kind: u8,
    /// 0 tax, 1 fee, 2 limit, 3 range.
    pub category: u8,
    /// 0 signing, 1 titling, 2 each payment, 3 registration, 4 renewal.
    pub due: u8,
    /// 0 dealer, 1 county, 2 lessor, 3 agency.
    pub collector: u8,
    /// The day that picks its law.
    pub date: DateRule,
    /// Once for each row of this list.
    pub each: Option<u8>,
    /// Whether it is in force: yes, no or not known.
    pub in_force: Option<u16>,
    /// Condition.
    pub when: Option<u32>,
    /// What it is laid on.
    pub base: Option<u32>,
    /// Lower end of the slice.
    pub slice_over: Option<u32>,
    /// Upper end of the slice.
    pub slice_to: Option<u32>,
    /// Share of the base.
    pub share: Option<u32>,
    /// Rate.
    pub rate: Option<u32>,
    /// Amount instead of base times rate.
    pub amount: Option<u32>,
    /// Upper bound.
    pub most: Option<u32>,
    /// Lower bound.
    pub least: Option<u32>,
    /// Cents to which it is rounded.
    pub round_unit: i64,
    /// How it is rounded.
    pub round_way: Way,
    /// How many times it is paid.
    pub count: Option<u32>,
    /// Used up over the payments.
    pub running: Option<Running>,
}

/// What comes off the levies it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaxCredit {
    /// Kinds of deal, a bit each: 1 retail, 2 lease.
    pub kind: u8,
    /// Levies, in this order.
    pub against: Vec<u16>,
    /// Condition.
    pub when: Option<u32>,
    /// Amount before the floor of the levies.
    pub amount: u32,
    /// The value that cites it.
    pub value: u16,
}

/// A jurisdiction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// [`state_code`].
    pub code: i64,
    /// After this day open law is shown "as enacted".
    pub reviewed: i64,
    /// Expressions.
    pub nodes: Vec<Node>,
    /// Dated values.
    pub values: Vec<Value>,
    /// Bases.
    pub bases: Vec<Base>,
    /// Tables.
    pub tables: Vec<Table>,
    /// Levies in the order of their lines.
    pub levies: Vec<Levy>,
    /// Credits in the order in which they are taken.
    pub credits: Vec<TaxCredit>,
    /// The jurisdiction's own defaults: fact and value.
    pub defaults: Vec<(u16, u16)>,
}

/// All law of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pack {
    /// Name of the version.
    pub version: String,
    /// First day of all law here.
    pub floor: i64,
    /// Last day of all law here.
    pub horizon: i64,
    /// Position of the fact that names the buyer's home state.
    pub residence: u16,
    /// Every state that a fact may name, in order.
    pub places: Vec<i64>,
    /// The catalogue's facts.
    pub facts: Vec<FactSpec>,
    /// The catalogue's lists.
    pub lists: Vec<List>,
    /// Jurisdictions.
    pub states: Vec<State>,
}
