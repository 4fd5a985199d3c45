//! A state's law made ready to be asked.

use crate::law::*;
use crate::program::{NONE, Program};
use alloc::{vec, vec::Vec};
use core::cell::OnceCell;

/// A state made ready: which row of each value holds on which day.
pub struct Prepared {
    /// The law.
    pub state: State,
    /// First days of the periods without change; the first is the floor of all law.
    starts: Vec<i64>,
    /// What each fact is taken for when it is unknown.
    pub default_numbers: Vec<i64>,
    /// Places of the levies of each kind: all, then the taxes alone.
    levies: [[Vec<u16>; 2]; 2],
    /// For each period and value, its node.
    pub nodes: Vec<Vec<u32>>,
    /// For each period, the programs that were asked for so far: by kind, of all levies or of the taxes alone.
    programs: Vec<[[OnceCell<Program>; 2]; 2]>,
    rows: Vec<Vec<u16>>,
}

impl Prepared {
    /// Makes a state ready.
    pub fn new(state: State, facts: &[FactSpec], floor: i64) -> Prepared {
        let starts = days_of_change(&state.values, floor);
        let rows: Vec<Vec<u16>> = starts
            .iter()
            .map(|&day| {
                let row_of = |value: &Value| value.rows.iter().rposition(|row| row.from <= day).unwrap_or(0) as u16;
                state.values.iter().map(row_of).collect()
            })
            .collect();
        let node_of = |(value, row): (&Value, &u16)| value.rows[usize::from(*row)].node;
        let nodes: Vec<Vec<u32>> =
            rows.iter().map(|rows| state.values.iter().zip(rows).map(node_of).collect()).collect();
        let programs =
            nodes.iter().map(|_| core::array::from_fn(|_| core::array::from_fn(|_| OnceCell::new()))).collect();
        let default_numbers = default_numbers(&state, facts);
        let levies = [0, 1].map(|kind| {
            [false, true].map(|taxes_only| {
                let levies = state.levies.iter().enumerate();
                let asked =
                    levies.filter(|(_, levy)| levy.kind >> kind & 1 == 1 && (!taxes_only || levy.category == TAX));
                asked.map(|(place, _)| place as u16).collect()
            })
        });
        Prepared { state, starts, default_numbers, levies, nodes, programs, rows }
    }

    /// Room for the program of a kind of deal in a period, which is written when it is first asked for.
    pub fn program(&self, era: usize, kind: u8, taxes_only: bool) -> &OnceCell<Program> {
        &self.programs[era][usize::from(kind)][usize::from(taxes_only)]
    }

    /// The places of the levies of a kind of deal, of all or of the taxes alone.
    pub fn levies(&self, kind: u8, taxes_only: bool) -> &[u16] {
        &self.levies[usize::from(kind)][usize::from(taxes_only)]
    }

    /// The credits of a kind of deal, each with its place.
    pub fn credits(&self, kind: u8) -> impl Iterator<Item = (u16, &TaxCredit)> {
        let of_kind = move |(_, credit): &(u16, &TaxCredit)| credit.kind >> kind & 1 == 1;
        (0..).zip(&self.state.credits).filter(of_kind)
    }

    /// The row of a value that holds in a period.
    pub fn row(&self, era: usize, value: u16) -> u16 {
        self.rows[era][usize::from(value)]
    }

    /// The last day on which a value is still what it is in a period.
    pub fn last_day(&self, era: usize, value: u16) -> i64 {
        let next = usize::from(self.row(era, value)) + 1;
        self.state.values[usize::from(value)].rows.get(next).map_or(i64::MAX, |row| row.from - 1)
    }

    /// The period without change that holds a day.
    #[inline]
    pub fn era(&self, day: i64) -> usize {
        self.starts.partition_point(|&start| start <= day).saturating_sub(1)
    }

    /// First and last day of a period without change.
    pub fn era_days(&self, era: usize, horizon: i64) -> (i64, i64) {
        let from = self.starts.get(era).copied().unwrap_or_default();
        (from, self.starts.get(era + 1).map_or(horizon, |next| next - 1))
    }
}

/// The place of a state among those of a pack, which stand in the order of their codes.
pub fn place_of(states: &[Prepared], code: i64) -> Option<usize> {
    states.binary_search_by_key(&code, |law| law.state.code).ok()
}

/// The floor of all law, and the days after it on which some value changes.
fn days_of_change(values: &[Value], floor: i64) -> Vec<i64> {
    let mut days = vec![floor];
    for row in values.iter().flat_map(|value| &value.rows).filter(|row| row.from > floor) {
        if let Err(place) = days.binary_search(&row.from) {
            days.insert(place, row.from);
        }
    }
    days
}

/// What each fact is taken for in a state when it is unknown: [`NONE`] when it is required or depends on the deal.
fn default_numbers(state: &State, facts: &[FactSpec]) -> Vec<i64> {
    let number = |(place, spec): (usize, &FactSpec)| {
        if state.defaults.iter().any(|(of, _)| usize::from(*of) == place) {
            return NONE;
        }
        match spec.default {
            Default::Zero => 0,
            Default::Number(number) => number,
            Default::Here => state.code,
            Default::Required | Default::LawDate | Default::SumOf(..) | Default::RowsOf(_) | Default::SameAs(_) => NONE,
        }
    };
    facts.iter().enumerate().map(number).collect()
}
