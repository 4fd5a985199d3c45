//! Lines of an answer, and what credits take off them.

use crate::law::{State, TAX, TaxCredit};
use crate::question::{Stop, TraceEntry};
use alloc::vec::Vec;

/// The rate of a line that is an amount.
pub const NO_RATE: i64 = -1;
/// When the first receipts of a lease are due.
pub const DUE_AT_SIGNING: u8 = 0;

/// One line of the answer.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// Levy.
    pub levy: u16,
    /// When it is due.
    pub due: u8,
    /// Why it has no amount.
    pub stop: Option<Stop>,
    /// Row of the list, for a levy on each row.
    pub row: Option<u16>,
    /// How many times it is paid.
    pub count: i64,
    /// What it is laid on, in cents.
    pub base: i64,
    /// Rate in parts per million, or [`NO_RATE`].
    pub rate: i64,
    /// Amount of one time, in cents.
    pub amount: i64,
    /// The formula's steps, when they were asked for.
    pub trace: Vec<TraceEntry>,
}

fn names(credit: &TaxCredit, line: &Line) -> bool {
    credit.against.contains(&line.levy) && line.count == 1
}

/// What the levies come to that a credit names; not known when one of them is not.
pub fn due(credit: &TaxCredit, lines: &[Line]) -> Option<i64> {
    let named = || lines.iter().filter(|line| names(credit, line));
    if named().any(|line| line.stop.is_some()) { None } else { Some(named().map(|line| line.amount).sum()) }
}

/// Takes an amount off the lines that a credit names, in its order; tells what came off each.
pub fn take(credit: &TaxCredit, amount: i64, lines: &mut [Line], mut told: impl FnMut(&mut Line, i64)) {
    let mut left = amount;
    for &levy in &credit.against {
        for line in lines.iter_mut().filter(|line| line.levy == levy && line.count == 1) {
            let taken = left.min(line.amount);
            left -= taken;
            line.amount -= taken;
            told(line, taken);
        }
    }
}

/// Adds a payment to the line before it when nothing but the count differs.
pub fn join(lines: &mut Vec<Line>, line: Line) {
    match lines.last_mut() {
        Some(last)
            if last.levy == line.levy
                && last.row == line.row
                && last.due == line.due
                && last.amount == line.amount
                && last.rate == line.rate
                && last.base == line.base =>
        {
            last.count += line.count;
        }
        _ => lines.push(line),
    }
}

/// The sum of all tax lines, or why there is none. A fee that lacks something stops nothing.
pub fn total(state: &State, lines: &[Line]) -> Result<i64, Stop> {
    let mut sum = 0i64;
    for line in lines.iter().filter(|line| state.levies[usize::from(line.levy)].category == TAX) {
        match line.stop {
            Some(stop) => return Err(stop),
            None => sum += line.amount * line.count,
        }
    }
    Ok(sum)
}
