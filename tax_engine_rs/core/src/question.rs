//! What is asked of which law, and why there may be no answer.

use crate::exact::Overflow;
use crate::law::Pack;
use crate::prepared::Prepared;

/// The argument that names a list is its number from here on.
pub const LIST_ARGUMENT: i64 = 1_000;

/// Why an expression has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// A fact (or list, from [`LIST_ARGUMENT`] on) is asked and unknown.
    Missing(i64),
    /// The law of that value is not known on the day.
    NotKnown(i64),
    /// A date of the deal lies outside all law here.
    DateOutOfRange(i64),
    /// A fact has a number that this law cannot take, such as a lease of no months.
    BadValue(i64),
    /// Beyond anything real.
    Overflow,
}

impl From<Overflow> for Stop {
    fn from(_: Overflow) -> Stop {
        Stop::Overflow
    }
}

/// One step of the formula: a value that was used, in which period, and its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceEntry {
    /// Value, or −1 − fact where a documented default was taken.
    pub value: i64,
    /// Period of the value.
    pub row: i64,
    /// 0 cents, 1 parts per million, 2 count, 3 yes or no, 4 other.
    pub unit: i64,
    /// The number.
    pub number: i64,
}

/// What is asked of which law.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// All law.
    pub pack: &'a Pack,
    /// All states made ready, to ask a buyer's home state.
    pub all: &'a [Prepared],
    /// The state whose law is asked.
    pub law: &'a Prepared,
    /// The date of the request.
    pub date: i64,
    /// 0 retail, 1 lease.
    pub kind: u8,
    /// Whether fees, limits and ranges are left out.
    pub taxes_only: bool,
    /// Whether this is already another state's computation.
    pub is_home: bool,
}
