//! Takes the steps of a [`Program`] for one deal.

use crate::calendar::months_later;
use crate::compile::compile;
use crate::evaluate::Evaluation;
use crate::exact::Way;
use crate::facts::Facts;
use crate::home::{home, home_tax};
use crate::law::*;
use crate::line::{DUE_AT_SIGNING, Line, NO_RATE, due, join, take};
use crate::program::*;
use crate::question::{Question, Stop};
use crate::scratch::{MOST_DEPTH, Scratch};
use alloc::vec::Vec;

/// No month is longer.
const MOST_MONTH: i64 = 31;

/// The lines of one deal: by the period's program where whole numbers do, else, or when the formula is asked for, the exact way.
///
/// # Errors
/// What stops the deal as a whole; a levy that cannot be computed leaves a line that says why.
pub fn lines(
    question: &Question<'_>,
    era: usize,
    facts: &mut Facts,
    scratch: &mut Scratch,
    lines: &mut Vec<Line>,
) -> Result<(), Stop> {
    lines.clear();
    if scratch.trace.is_none() {
        let Question { pack, law, date, kind, taxes_only, .. } = *question;
        let program = law.program(era, kind, taxes_only);
        let program = program.get_or_init(|| compile(law, pack, era, kind, taxes_only));
        facts.lay_constants(program);
        facts.put(LAW_DATE, date);
        facts.put(REQUEST_DATE, date);
        scratch.forget_found();
        scratch.back.depth = 0;
        if (Run { question, program, facts, scratch }).steps(0, lines) {
            return Ok(());
        }
        lines.clear();
    }
    Evaluation::new(question, facts, scratch).lines(lines)
}

/// One deal on its way through a program.
struct Run<'a> {
    question: &'a Question<'a>,
    program: &'a Program,
    facts: &'a mut Facts,
    scratch: &'a mut Scratch,
}

/// Takes steps up to the first that is not plain or cannot be taken, and gives its place.
///
/// Nearly all steps are plain, and on their own they keep to few registers.
#[inline(never)]
fn plain_steps(program: &Program, from: usize, facts: &mut Facts, scratch: &mut Scratch) -> usize {
    let steps: &[Step] = &program.steps;
    let mut next = from;
    loop {
        let Some(&Step { does, to, a, b }) = steps.get(next) else { return next };
        let number = match does {
            Does::Copy => Some(facts.at(a)),
            Does::Add => facts.at(a).checked_add(facts.at(b)),
            Does::Subtract => facts.at(a).checked_sub(facts.at(b)),
            Does::Multiply => product(facts.at(a), facts.at(b)),
            Does::Least => Some(facts.at(a).min(facts.at(b))),
            Does::Most => Some(facts.at(a).max(facts.at(b))),
            Does::Total => total(&program.terms[usize::from(a)..usize::from(b)], facts),
            _ => {
                let jumps = match does {
                    Does::Jump => true,
                    Does::JumpIfEqual => facts.at(a) == facts.at(b),
                    Does::JumpUnlessEqual => facts.at(a) != facts.at(b),
                    Does::JumpIfLess => facts.at(a) < facts.at(b),
                    Does::JumpUnlessLess => facts.at(a) >= facts.at(b),
                    Does::JumpIfKnown => facts.is_known(a),
                    Does::JumpUnlessKnown => !facts.is_known(a),
                    Does::Need if facts.at(a) != NONE => false,
                    Does::Lay => {
                        if !facts.is_known(to) {
                            facts.lay(to, facts.at(a));
                        }
                        false
                    }
                    Does::Ensure => {
                        let found = scratch.found[usize::from(a) % ROOM] == scratch.found_stamp;
                        if !found {
                            let back = &mut scratch.back;
                            if back.depth == MOST_DEPTH {
                                return next;
                            }
                            back.steps[back.depth % MOST_DEPTH] = next as u16 + 1;
                            back.depth += 1;
                        }
                        !found
                    }
                    Does::Found => {
                        scratch.found[usize::from(a) % ROOM] = scratch.found_stamp;
                        let back = &mut scratch.back;
                        back.depth = back.depth.saturating_sub(1);
                        next = usize::from(back.steps[back.depth % MOST_DEPTH]);
                        continue;
                    }
                    _ => return next,
                };
                next = if jumps { usize::from(to) } else { next + 1 };
                continue;
            }
        };
        let Some(number) = number else { return next };
        facts.put(to, number);
        next += 1;
    }
}

fn total(terms: &[Term], facts: &Facts) -> Option<i64> {
    terms.iter().try_fold(0_i64, |sum, term| {
        let number = facts.at(term.place);
        if term.minus { sum.checked_sub(number) } else { sum.checked_add(number) }
    })
}

impl Run<'_> {
    /// Takes the steps from one on to their end; whether whole numbers did.
    fn steps(&mut self, from: u16, lines: &mut Vec<Line>) -> bool {
        // Taken apart, so that each step reads what it needs without a way through `self`.
        let Run { question, program, .. } = *self;
        let Question { pack, law, date, .. } = *question;
        let facts: &mut Facts = self.facts;
        let scratch: &mut Scratch = self.scratch;
        let mut next = usize::from(from);
        loop {
            next = plain_steps(program, next, facts, scratch);
            let Some(&Step { does, to, a, b }) = program.steps.get(next) else { return false };
            next += 1;
            let number = match does {
                Does::JumpIfListKnown | Does::JumpUnlessListKnown => {
                    if facts.rows(a as u8).is_some() == (does == Does::JumpIfListKnown) {
                        next = usize::from(to);
                    }
                    continue;
                }
                Does::JumpIfRowKnown | Does::JumpUnlessRowKnown => {
                    if row_field(facts, a, b).is_some() == (does == Does::JumpIfRowKnown) {
                        next = usize::from(to);
                    }
                    continue;
                }
                Does::Find => {
                    let Some(row) = find(&law.state.tables[usize::from(b)], facts, a) else { return false };
                    next += row;
                    continue;
                }
                Does::Date => {
                    let own = facts.get(a).unwrap_or(date);
                    let (first, last) = program.days;
                    if own < first || last < own {
                        return false;
                    }
                    facts.put(LAW_DATE, own);
                    continue;
                }
                Does::Payments if paid_by(facts.at(LAW_DATE), facts.at(a), facts.at(b)) => continue,
                Does::Line => {
                    let Some(line) = line(facts, &program.charges[usize::from(a)]) else { return false };
                    lines.push(line);
                    continue;
                }
                Does::Running => {
                    let mut run = Run { question, program, facts: &mut *facts, scratch: &mut *scratch };
                    if !run.running(&program.running[usize::from(a)], lines) {
                        return false;
                    }
                    continue;
                }
                Does::Due => {
                    match due(&law.state.credits[usize::from(a)], lines) {
                        Some(amount) if amount != 0 => facts.put(b, amount),
                        _ => next = usize::from(to),
                    }
                    continue;
                }
                Does::Take => {
                    let amount = rounded(facts.at(b), facts.at(to), Way::HalfUp);
                    take(&law.state.credits[usize::from(a)], amount, lines, |_, _| {});
                    continue;
                }
                Does::End => return true,
                Does::Rows => facts.rows(a as u8).map(i64::from),
                Does::RowsOrOne => Some(facts.rows(a as u8).map_or(1, i64::from)),
                Does::Sum => Some(facts.sum(a as u8, b as u8)),
                Does::Round => program.roundings[usize::from(b)].of(facts.at(a)),
                Does::RowField => row_field_or_default(pack, facts, a, b),
                Does::Pick => {
                    let Numbers { table, keys, first } = program.numbers[usize::from(a)];
                    find(&law.state.tables[usize::from(table)], facts, keys).map(|row| facts.at(first + row as u16))
                }
                Does::HomeKnown => Some(i64::from(home(question, facts.at(a)).is_some())),
                Does::HomeTax => home_tax(question, facts, scratch, facts.at(a)).ok(),
                // To leave, or a plain step that could not be taken.
                _ => None,
            };
            let Some(number) = number else { return false };
            facts.put(to, number);
        }
    }

    /// Laid on the running sum of what a lease brings in, as the exact way does it.
    fn running(&mut self, sum: &RunningSum, lines: &mut Vec<Line>) -> bool {
        let (first, credit) = (self.facts.at(sum.first), self.facts.at(sum.credit));
        let (payment, count) = (self.facts.at(sum.payment), self.facts.at(sum.count));
        let (over, to) = (self.facts.at(sum.slice.0), sum.slice.1.map(|to| self.facts.at(to)));
        let sliced = |received: i64| {
            let base = (received - credit).max(0);
            (base.min(to.unwrap_or(base)) - over).max(0)
        };
        let mut received = first;
        let mut laid_on = sliced(received);
        if first != 0 {
            let Some(line) = self.charged(sum, laid_on, 1, lines) else { return false };
            lines.push(Line { due: DUE_AT_SIGNING, ..line });
        }
        let mut left = count;
        while left > 0 {
            received += payment;
            let reached = sliced(received);
            let added = reached - laid_on;
            // As long as the next receipts add as much, they bear as much.
            let mut alike = 1;
            let mut more = if added == 0 || added == payment { left - 1 } else { 0 };
            while more > 0 {
                if sliced(received + payment * more) == reached + added * more {
                    received += payment * more;
                    alike += more;
                    break;
                }
                more /= 2;
            }
            laid_on = sliced(received);
            left -= alike;
            let Some(line) = self.charged(sum, added, alike, lines) else { return false };
            join(lines, line);
        }
        true
    }

    fn charged(&mut self, sum: &RunningSum, base: i64, count: i64, lines: &mut Vec<Line>) -> Option<Line> {
        self.facts.put(sum.charged.0, base);
        self.facts.put(sum.charged.1, count);
        if self.steps(sum.steps, lines) { lines.pop() } else { None }
    }
}

fn row_field(facts: &Facts, list: u16, field: u16) -> Option<i64> {
    facts.field(list as u8, facts.at(ROW) as u16, field as u8)
}

fn row_field_or_default(pack: &Pack, facts: &Facts, list: u16, field: u16) -> Option<i64> {
    row_field(facts, list, field).or_else(|| match pack.lists[usize::from(list)].fields[usize::from(field)].default {
        Default::Number(number) => Some(number),
        Default::Zero => Some(0),
        _ => None,
    })
}

/// The row of a table that holds the keys from a place on.
fn find(table: &Table, facts: &Facts, keys: u16) -> Option<usize> {
    let holds = |(cell, key): (&Cell, u16)| {
        let key = facts.at(key);
        cell.0.iter().any(|&(low, high)| low <= key && key <= high)
    };
    table.rows.iter().position(|(cells, _)| cells.iter().zip(keys..).all(holds))
}

/// Whether so many payments from a day on are over by another.
fn paid_by(first: i64, count: i64, last: i64) -> bool {
    first + MOST_MONTH * count <= last || months_later(first, count - 1) <= last
}

#[inline(always)]
fn line(facts: &Facts, charge: &Charge) -> Option<Line> {
    let (base, of_base) = charge.base;
    Some(Line {
        levy: charge.levy,
        due: charge.due,
        stop: None,
        row: charge.each.then(|| facts.at(ROW) as u16),
        count: facts.at(charge.count),
        base: rounded(facts.at(base), of_base, Way::HalfUp),
        rate: charge.rate.map_or(NO_RATE, |rate| facts.at(rate)),
        amount: charge.rounding.of(facts.at(charge.tax))?,
        trace: Vec::new(),
    })
}

impl Rounding {
    fn of(&self, number: i64) -> Option<i64> {
        rounded(number, self.divisor, self.way).checked_mul(self.unit)
    }
}

/// A product, without the wide multiplication where both are short.
#[inline]
fn product(a: i64, b: i64) -> Option<i64> {
    match (i32::try_from(a), i32::try_from(b)) {
        (Ok(a), Ok(b)) => Some(i64::from(a) * i64::from(b)),
        _ => a.checked_mul(b),
    }
}

/// How many times the divisor is in a number, rounded.
fn rounded(number: i64, divisor: i64, way: Way) -> i64 {
    if divisor == 1 {
        return number;
    }
    let down = number.div_euclid(divisor);
    let rest = number - down * divisor;
    let up = match way {
        Way::HalfUp => rest >= divisor - rest,
        Way::Up => rest > 0,
        Way::Down => false,
        Way::HalfEven => rest > divisor - rest || (rest == divisor - rest && down % 2 != 0),
    };
    down + i64::from(up)
}
