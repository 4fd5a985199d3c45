//! What the engine answers, written and read.

use super::{FORM, MALFORMED, Message, Refusal, Rows, pair};
use crate::law::Levy;
use crate::line::Line;
use crate::question::TraceEntry;
use alloc::vec::Vec;

/// The row of a line that is on none.
const NO_ROW: u16 = u16::MAX;

/// What stands before the lines of an answer.
pub struct Header {
    /// 0, or why there is no total.
    pub refusal: Refusal,
    /// All tax, in cents; −1 when refused.
    pub total: i64,
    /// First and last day without change of this law.
    pub era: (i64, i64),
    /// Whether the date lies after the day of review.
    pub as_enacted: bool,
}

impl Header {
    /// A refusal before any law was asked.
    pub fn refused(refusal: Refusal) -> Header {
        Header { refusal, total: -1, era: (0, 0), as_enacted: false }
    }
}

/// The row that begins each answer.
pub fn first_row(refusal: Refusal, as_enacted: bool) -> i64 {
    i64::from(FORM) | refusal.status << 8 | i64::from(as_enacted) << 16 | refusal.argument << 32
}

/// Writes an answer.
pub fn write_answer(out: &mut Message, header: &Header, lines: &[Line], levies: &[Levy]) {
    let first = first_row(header.refusal, header.as_enacted);
    out.push([first, header.total, pair(header.era.0, header.era.1), lines.len() as i64]);
    for line in lines {
        let levy = &levies[usize::from(line.levy)];
        let stop = line.stop.map_or(Refusal::new(0, 0), Refusal::from);
        let [low, high] = line.levy.to_le_bytes();
        let [row_low, row_high] = line.row.unwrap_or(NO_ROW).to_le_bytes();
        let what = [low, high, levy.category, line.due, levy.collector, stop.status as u8, row_low, row_high];
        out.push([
            i64::from_le_bytes(what),
            pair(stop.argument, line.trace.len() as i64),
            line.count,
            line.base,
            line.rate,
            line.amount,
        ]);
        for step in &line.trace {
            out.push([step.value & 0xffff_ffff | step.row << 32 | step.unit << 48, step.number]);
        }
    }
}

/// An answer as it was read.
#[derive(Clone, Debug)]
pub struct Answer {
    /// 0, or why there is no total.
    pub refusal: Refusal,
    /// All tax, in cents; −1 when refused.
    pub total: i64,
    /// First and last day without change of this law.
    pub era: (i64, i64),
    /// Whether the date lies after the day of review.
    pub as_enacted: bool,
    /// Lines.
    pub lines: Vec<AnswerLine>,
}

/// A line of an answer.
#[derive(Clone, Debug)]
pub struct AnswerLine {
    /// Levy.
    pub levy: u16,
    /// Its category, when it is due, who collects it.
    pub what: [u8; 3],
    /// 0, or why it has no amount.
    pub refusal: Refusal,
    /// Row of the list, if any.
    pub row: Option<u16>,
    /// How many times it is paid.
    pub count: i64,
    /// What it is laid on, in cents.
    pub base: i64,
    /// Rate in parts per million, or −1.
    pub rate: i64,
    /// Amount of one time, in cents.
    pub amount: i64,
    /// The formula's steps.
    pub trace: Vec<TraceEntry>,
}

/// Reads an answer.
///
/// # Errors
/// Malformed (8), when it is not in this form.
pub fn read_answer(bytes: &[u8]) -> Result<Answer, Refusal> {
    let mut rows = Rows::new(bytes);
    let first = rows.bytes()?;
    if first[0] != FORM {
        return Err(MALFORMED);
    }
    let argument = |row: i64| row << 32 >> 32;
    let refusal = Refusal::new(i64::from(first[1]), i64::from_le_bytes(first) >> 32);
    let (total, era, count) = (rows.number()?, rows.number()?, rows.number()?);
    let mut lines = Vec::new();
    for _ in 0..count {
        let [low, high, category, due, collector, status, row_low, row_high] = rows.bytes()?;
        let second = rows.number()?;
        let row = u16::from_le_bytes([row_low, row_high]);
        let (count, base, rate, amount) = (rows.number()?, rows.number()?, rows.number()?, rows.number()?);
        let mut trace = Vec::new();
        for _ in 0..second >> 32 {
            let (step, number) = (rows.number()?, rows.number()?);
            trace.push(TraceEntry { value: argument(step), row: step >> 32 & 0xffff, unit: step >> 48, number });
        }
        lines.push(AnswerLine {
            levy: u16::from_le_bytes([low, high]),
            what: [category, due, collector],
            refusal: Refusal::new(i64::from(status), argument(second)),
            row: Some(row).filter(|row| *row != NO_ROW),
            count,
            base,
            rate,
            amount,
            trace,
        });
    }
    Ok(Answer { refusal, total, era: (argument(era), era >> 32), as_enacted: first[2] == 1, lines })
}
