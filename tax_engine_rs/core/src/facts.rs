//! What one deal knows: facts by their position in the catalogue, and rows of lists.

use crate::law::{MOST_FACTS, MOST_LISTS};
use crate::program::{CONSTANTS, NONE, Program, ROOM};
use alloc::vec::Vec;

/// One field of one row of a list.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// List.
    pub list: u8,
    /// Row number from 0.
    pub row: u16,
    /// Field.
    pub field: u8,
    /// Number in the field's unit.
    pub number: i64,
}

/// Facts and rows of one deal. A fact not given is unknown.
pub struct Facts {
    /// First the facts by their position, the unknown ones as what the state takes them for; then room for a
    /// [`crate::program::Program`].
    numbers: [i64; ROOM],
    known: [u64; MOST_FACTS / 64],
    /// Facts whose place holds something else than the state's default.
    laid: Vec<u16>,
    /// Whose defaults are laid.
    state: i64,
    /// Whose constants are laid.
    program: usize,
    row_counts: [Option<u16>; MOST_LISTS],
    /// Fields of the rows.
    pub entries: Vec<Entry>,
}

impl Default for Facts {
    /// Nothing known.
    fn default() -> Facts {
        Facts {
            numbers: [0; ROOM],
            known: [0; MOST_FACTS / 64],
            laid: Vec::new(),
            state: -1,
            program: 0,
            row_counts: [None; MOST_LISTS],
            entries: Vec::new(),
        }
    }
}

impl Facts {
    /// Forgets everything, with a state's defaults in place of its facts.
    pub fn clear_for(&mut self, state: i64, defaults: &[i64]) {
        self.known = [0; MOST_FACTS / 64];
        self.row_counts = [None; MOST_LISTS];
        self.entries.clear();
        if self.state == state {
            for &fact in &self.laid {
                self.numbers[usize::from(fact) % ROOM] = defaults.get(usize::from(fact)).copied().unwrap_or(NONE);
            }
        } else {
            self.numbers[..defaults.len()].copy_from_slice(defaults);
            self.state = state;
        }
        self.laid.clear();
    }

    /// The number at a place.
    #[inline(always)]
    pub fn at(&self, place: u16) -> i64 {
        self.numbers[usize::from(place) % ROOM]
    }

    /// Puts a number at a place.
    #[inline(always)]
    pub fn put(&mut self, place: u16, number: i64) {
        self.numbers[usize::from(place) % ROOM] = number;
    }

    /// Lays a program's constants behind the facts, unless they lie there.
    pub fn lay_constants(&mut self, program: &Program) {
        // Programs stay where they are written.
        let address = core::ptr::from_ref(program) as usize;
        if self.program != address {
            let first = usize::from(CONSTANTS);
            self.numbers[first..first + program.constants.len()].copy_from_slice(&program.constants);
            self.program = address;
        }
    }

    /// The fact's number, if it is known.
    #[inline]
    pub fn get(&self, fact: u16) -> Option<i64> {
        self.is_known(fact).then(|| self.numbers[usize::from(fact)])
    }

    /// Whether a fact is given.
    #[inline]
    pub fn is_known(&self, fact: u16) -> bool {
        let fact = usize::from(fact);
        self.known[fact / 64 % (MOST_FACTS / 64)] >> (fact % 64) & 1 == 1
    }

    /// Makes known what another deal knows.
    pub fn take_over(&mut self, other: &Facts) {
        for &fact in other.laid.iter().filter(|fact| other.is_known(**fact)) {
            self.set(fact, other.at(fact));
        }
    }

    /// Makes a fact known.
    #[inline]
    pub fn set(&mut self, fact: u16, number: i64) {
        self.lay(fact, number);
        let fact = usize::from(fact);
        self.known[fact / 64 % (MOST_FACTS / 64)] |= 1 << (fact % 64);
    }

    /// Takes a fact for a number, whether it is known or not.
    #[inline]
    pub fn lay(&mut self, fact: u16, number: i64) {
        self.laid.push(fact);
        self.numbers[usize::from(fact) % ROOM] = number;
    }

    /// Rows given for a list; none when nothing is known of it.
    #[inline]
    pub fn rows(&self, list: u8) -> Option<u16> {
        self.row_counts[usize::from(list) % MOST_LISTS]
    }

    /// Tells how many rows a list has.
    pub fn set_rows(&mut self, list: u8, rows: u16) {
        self.row_counts[usize::from(list) % MOST_LISTS] = Some(rows);
    }

    /// Empties every list.
    pub fn empty_lists(&mut self) {
        self.entries.clear();
        self.row_counts = [Some(0); MOST_LISTS];
    }

    /// Sum of a field over the rows of a list.
    pub fn sum(&self, list: u8, field: u8) -> i64 {
        let entries = self.entries.iter().filter(|entry| entry.list == list && entry.field == field);
        entries.map(|entry| entry.number).sum()
    }

    /// A field of a row, if it is known.
    pub fn field(&self, list: u8, row: u16, field: u8) -> Option<i64> {
        self.entries
            .iter()
            .find(|entry| entry.list == list && entry.row == row && entry.field == field)
            .map(|entry| entry.number)
    }
}
