//! The engine: a rule pack and the three questions that it answers.

use crate::facts::Facts;
use crate::law::Pack;
use crate::law::{MOST_FACTS, MOST_LISTS};
use crate::line::{Line, total};
use crate::needs::Needs;
use crate::pack::{PackError, read_pack};
use crate::prepared::Prepared;
use crate::question::Question;
use crate::run;
use crate::scratch::Scratch;
use crate::wire::answer::{Header, first_row, write_answer};
use crate::wire::request::{Request, read_request, wants_steps};
use crate::wire::{Message, Refusal, Rows};
use alloc::string::String;
use alloc::vec::Vec;

/// A rule pack made ready, with room that is used again from deal to deal.
pub struct Engine {
    pack: Pack,
    hash: [u8; 32],
    states: Vec<Prepared>,
    facts: Facts,
    scratch: Scratch,
    lines: Vec<Line>,
}

impl Engine {
    /// Reads a pack.
    ///
    /// # Errors
    /// [`PackError`] when the hash does not hold or the form is another.
    pub fn new(bytes: &[u8]) -> Result<Engine, PackError> {
        let (mut pack, hash) = read_pack(bytes)?;
        if pack.facts.len() > MOST_FACTS || pack.lists.len() > MOST_LISTS {
            return Err(PackError::Form);
        }
        if !pack.states.is_sorted_by_key(|state| state.code) {
            return Err(PackError::Form);
        }
        let states = core::mem::take(&mut pack.states)
            .into_iter()
            .map(|state| Prepared::new(state, &pack.facts, pack.floor))
            .collect();
        let (facts, scratch) = (Facts::default(), Scratch::default());
        Ok(Engine { pack, hash, states, facts, scratch, lines: Vec::new() })
    }

    /// Version and hash of the pack, as `VERSION HASH`.
    pub fn pack_name(&self) -> String {
        let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
        let mut name = self.pack.version.clone();
        name.push(' ');
        name.extend(self.hash.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
        name
    }

    /// Computes the lines of one deal, each with its formula. Request and answer as in `docs/engine_wire.md`.
    pub fn quote(&mut self, request: &[u8]) -> Vec<u8> {
        let mut out = Message::with_room(128);
        self.scratch.trace = wants_steps(request).then(Vec::new);
        self.answer(&mut Rows::new(request), &mut out);
        self.scratch.trace = None;
        out.into_bytes()
    }

    /// Computes many deals, without their formulas.
    pub fn quote_many(&mut self, requests: &[u8]) -> Vec<u8> {
        let mut rows = Rows::new(requests);
        let mut out = Message::with_room(requests.len() / 8);
        let count = rows.number().unwrap_or(0);
        out.push([count]);
        for _ in 0..count {
            let place = out.rows();
            out.push([0]);
            match rows.number().and_then(|length| rows.part(length)) {
                Ok(mut part) => self.answer(&mut part, &mut out),
                Err(refusal) => write_answer(&mut out, &Header::refused(refusal), &[], &[]),
            }
            out.put(place, (out.rows() - place - 1) as i64);
        }
        out.into_bytes()
    }

    fn answer(&mut self, rows: &mut Rows<'_>, out: &mut Message) {
        let (request, place) = match read_request(rows, &self.pack, &self.states, &mut self.facts) {
            Ok(read) => read,
            Err(refusal) => return write_answer(out, &Header::refused(refusal), &[], &[]),
        };
        let Engine { pack, states, facts, scratch, lines, .. } = self;
        let law = &states[place];
        let Request { kind, taxes_only, date } = request;
        let question = Question { pack, all: states, law, date, kind, taxes_only, is_home: false };
        let era = law.era(date);
        let result = run::lines(&question, era, facts, scratch, lines).and_then(|()| total(&law.state, lines));
        let header = Header {
            refusal: result.map_or_else(Refusal::from, |_| Refusal::new(0, 0)),
            total: result.unwrap_or(-1),
            era: law.era_days(era, pack.horizon),
            as_enacted: date > law.state.reviewed,
        };
        write_answer(out, &header, lines, &law.state.levies);
    }

    /// Names the facts that a deal's law asks, given what is known of it: required ones and those with a default.
    pub fn needs(&mut self, request: &[u8]) -> Vec<u8> {
        let mut out = Message::default();
        let read = read_request(&mut Rows::new(request), &self.pack, &self.states, &mut self.facts);
        let (request, place) = match read {
            Ok(read) => read,
            Err(refusal) => {
                out.push([first_row(refusal, false), 0]);
                return out.into_bytes();
            }
        };
        let Request { kind, taxes_only, date } = request;
        let law = &self.states[place];
        let question = Question { pack: &self.pack, all: &self.states, law, date, kind, taxes_only, is_home: false };
        let asked = Needs::new(question, &self.facts).all();
        out.push([first_row(Refusal::new(0, 0), false), asked.len() as i64]);
        for (fact, required) in asked {
            out.push([fact | i64::from(required) << 32]);
        }
        out.into_bytes()
    }
}
