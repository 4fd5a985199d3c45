//! What is asked of the engine.

use super::{FORM, MALFORMED, Refusal, Rows};
use crate::facts::{Entry, Facts};
use crate::law::{FactKind, Pack};
use crate::prepared::{Prepared, place_of};
use crate::question::LIST_ARGUMENT;

/// A list row with this field tells how many rows the list has, none included.
pub const LIST_COUNT_FIELD: u16 = 255;

/// A hundred million dollars in cents; more is no vehicle's price.
const MOST_MONEY: i64 = 10_000_000_000;
const MOST_RATE: i64 = 1_000_000;
const MOST_COUNT: i64 = 10_000_000;
const MOST_ROWS: i64 = 64;
const MOST_DAY: i64 = 100_000;
const MOST_KIND: u8 = 7;

/// What is asked, apart from the facts.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// 0 retail, 1 lease.
    pub kind: u8,
    /// Whether only taxes are asked.
    pub taxes_only: bool,
    /// Day.
    pub date: i64,
}

/// Whether a request asks for the steps of the formula: its kind has no 4 in it.
pub fn wants_steps(request: &[u8]) -> bool {
    request.get(1).is_none_or(|kind| kind & 4 == 0)
}

/// Reads a request into `facts`, each number held to the bounds of its type; gives the place of its state too.
pub fn read_request(
    rows: &mut Rows<'_>,
    pack: &Pack,
    states: &[Prepared],
    facts: &mut Facts,
) -> Result<(Request, usize), Refusal> {
    let [form, kind, first, second, day @ ..] = rows.bytes()?;
    if form != FORM || kind > MOST_KIND {
        return Err(MALFORMED);
    }
    let state = i64::from(u16::from_le_bytes([first, second]));
    let place = place_of(states, state).ok_or(Refusal::new(2, 0))?;
    facts.clear_for(state, &states[place].default_numbers);
    let date = i64::from(i32::from_le_bytes(day));
    if date < pack.floor || pack.horizon < date {
        return Err(Refusal::new(3, 0));
    }
    let (given, entries) = rows.counts()?;
    for _ in 0..given {
        let row = rows.number()?;
        let (fact, number) = (row as u16, row >> 16);
        let spec = pack.facts.get(usize::from(fact)).ok_or(Refusal::new(7, i64::from(fact)))?;
        if !fits(spec.kind, number, pack) {
            return Err(Refusal::new(5, i64::from(fact)));
        }
        facts.set(fact, number);
    }
    for _ in 0..entries {
        let [a, b, c, d, e, f, ..] = rows.bytes()?;
        let [list, row, field] = [[a, b], [c, d], [e, f]].map(u16::from_le_bytes);
        let number = rows.number()?;
        let argument = LIST_ARGUMENT + i64::from(list);
        let refused = Refusal::new(5, argument);
        let spec = pack.lists.get(usize::from(list)).ok_or(Refusal::new(7, argument))?;
        if field == LIST_COUNT_FIELD {
            if !(0..=MOST_ROWS).contains(&number) {
                return Err(refused);
            }
            facts.set_rows(list as u8, number as u16);
            continue;
        }
        let kind = spec.fields.get(usize::from(field)).ok_or(refused)?.kind;
        if !fits(kind, number, pack) || i64::from(row) >= MOST_ROWS {
            return Err(refused);
        }
        facts.entries.push(Entry { list: list as u8, row, field: field as u8, number });
    }
    let request = Request { kind: kind & 1, taxes_only: kind & 2 != 0, date };
    if rows.is_empty() { Ok((request, place)) } else { Err(MALFORMED) }
}

#[inline(always)]
fn fits(kind: FactKind, number: i64, pack: &Pack) -> bool {
    let most = match kind {
        FactKind::Money => MOST_MONEY,
        FactKind::Rate => MOST_RATE,
        FactKind::Count => MOST_COUNT,
        FactKind::YesNo => 1,
        FactKind::Choice(count) => i64::from(count) - 1,
        FactKind::State => return pack.places.binary_search(&number).is_ok(),
        FactKind::Date => MOST_DAY,
    };
    0 <= number && number <= most
}
