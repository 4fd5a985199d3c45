//! The law of one period as a list of steps on whole numbers: the batched quote's way through a state's levies.
//!
//! Nearly all law is sums of cents times a rate. Where every number of a levy is whole in a scale that is known beforehand
//! (cents, parts per million, or their product), no fraction is needed, and what a period settles (its values, which levies
//! are in force, conditions that cannot fail) need not be asked for each deal. [`crate::compile`] writes the steps once for
//! a period, [`crate::run`] takes them for each deal. Whatever is out of the ordinary, a missing fact, an overflow, a division,
//! leaves the deal to [`crate::evaluate`], which also says why; both must give the same lines, and the contract's tests hold
//! them to it.

use crate::exact::Way;
use crate::law::MOST_FACTS;
use alloc::vec::Vec;

/// Numbers that a program has room for: facts, the three below, its constants, and what it finds.
pub const ROOM: usize = 1_024;
/// Where the day stands that picks the law of the levy at hand.
pub const LAW_DATE: u16 = MOST_FACTS as u16;
/// Where the row of a list at hand stands.
pub const ROW: u16 = LAW_DATE + 1;
/// Where the date of the request stands.
pub const REQUEST_DATE: u16 = ROW + 1;
/// Where constants begin.
pub const CONSTANTS: u16 = REQUEST_DATE + 1;

/// An unknown fact without a number to take it for.
pub const NONE: i64 = i64::MIN;
/// A rate of one.
pub const MILLION: i64 = 1_000_000;

/// What a step does with the places `to`, `a` and `b`. A jump goes to the step `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// a
    Copy,
    /// a + b
    Add,
    /// a - b
    Subtract,
    /// a * b
    Multiply,
    /// The lesser.
    Least,
    /// The greater.
    Most,
    /// Sum of the terms from a on, up to b.
    Total,
    /// Always.
    Jump,
    /// When a = b.
    JumpIfEqual,
    /// When a and b differ.
    JumpUnlessEqual,
    /// When a < b.
    JumpIfLess,
    /// When a >= b.
    JumpUnlessLess,
    /// When the fact a is given.
    JumpIfKnown,
    /// When it is not.
    JumpUnlessKnown,
    /// When the list a is given.
    JumpIfListKnown,
    /// When it is not.
    JumpUnlessListKnown,
    /// When the row at hand of the list a has the field b.
    JumpIfRowKnown,
    /// When it has not.
    JumpUnlessRowKnown,
    /// The fact a must be known.
    Need,
    /// The fact `to`, where it is unknown, is taken for the number at a.
    Lay,
    /// Rows of the list a, which must be given.
    Rows,
    /// Rows of the list a, one where it is not given.
    RowsOrOne,
    /// Sum of the field b over the rows of the list a.
    Sum,
    /// The field b of the row at hand of the list a.
    RowField,
    /// Goes on so many steps as the row of the table b lies down that holds the keys from a on.
    Find,
    /// The number at a, rounded as the rounding b says.
    Round,
    /// The number that the list of numbers a holds for its table's row.
    Pick,
    /// Whether the law of the state a is in the pack.
    HomeKnown,
    /// What the state a would take of this deal.
    HomeTax,
    /// Finds the value of the place a by the steps at `to`, if it is not found yet.
    Ensure,
    /// The value of the place a is found; back to where it was asked.
    Found,
    /// The law is that of the day of the fact a, which must lie in the period.
    Date,
    /// The law of all of a payments must be the same: none may lie after the day b.
    Payments,
    /// The line of the charge a.
    Line,
    /// The lines of the running sum a.
    Running,
    /// What the levies that the credit a names come to, at the place b; jumps when that is nothing or not known.
    Due,
    /// Takes the number at b, divided by that at `to`, as the credit a.
    Take,
    /// Whole numbers do not do.
    Leave,
    /// All is done.
    End,
}

/// One step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it does.
    pub does: Does,
    /// Where its number goes, or the step to go on with.
    pub to: u16,
    /// First place.
    pub a: u16,
    /// Second place.
    pub b: u16,
}

/// One number of a sum.
#[derive(Clone, Copy, Debug)]
pub struct Term {
    /// Its place.
    pub place: u16,
    /// Whether it is taken off.
    pub minus: bool,
}

/// A table whose rows hold plain numbers.
#[derive(Clone, Copy, Debug)]
pub struct Numbers {
    /// Table.
    pub table: u16,
    /// Place of its first key; the others follow.
    pub keys: u16,
    /// Place of its first row's number; the others follow.
    pub first: u16,
}

/// How a number is rounded.
#[derive(Clone, Copy, Debug)]
pub struct Rounding {
    /// What it is divided by to be units of rounding.
    pub divisor: i64,
    /// Its units are counted in this.
    pub unit: i64,
    /// Which way.
    pub way: Way,
}

/// How a line comes from numbers that were found.
#[derive(Clone, Copy, Debug)]
pub struct Charge {
    /// Levy.
    pub levy: u16,
    /// When it is due.
    pub due: u8,
    /// Whether it is laid on each row of a list.
    pub each: bool,
    /// The base, and what it is divided by to be cents.
    pub base: (u16, i64),
    /// Rate in parts per million.
    pub rate: Option<u16>,
    /// The tax.
    pub tax: u16,
    /// How it is rounded to cents.
    pub rounding: Rounding,
    /// How many times it is paid.
    pub count: u16,
}

/// A slice and a credit that are used up over the payments of a lease; all are places.
#[derive(Clone, Copy, Debug)]
pub struct RunningSum {
    /// What is received at signing.
    pub first: u16,
    /// What comes off the first receipts.
    pub credit: u16,
    /// What each payment brings.
    pub payment: u16,
    /// Number of payments.
    pub count: u16,
    /// Lower and upper end of the slice.
    pub slice: (u16, Option<u16>),
    /// What a charge is laid on and how many times, set before its steps are taken.
    pub charged: (u16, u16),
    /// First step of a charge.
    pub steps: u16,
}

/// The steps of one kind of deal in one period.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// Steps.
    pub steps: Vec<Step>,
    /// Numbers laid from [`CONSTANTS`] on.
    pub constants: Vec<i64>,
    /// Lines.
    pub charges: Vec<Charge>,
    /// Terms of sums.
    pub terms: Vec<Term>,
    /// Roundings within expressions.
    pub roundings: Vec<Rounding>,
    /// Tables of plain numbers.
    pub numbers: Vec<Numbers>,
    /// Lines of leases whose slice is used up over time.
    pub running: Vec<RunningSum>,
    /// First and last day on which a deal's law is that of this period.
    pub days: (i64, i64),
}
