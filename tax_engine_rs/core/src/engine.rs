//! The engine: a rule pack and the three questions that it answers.

use crate::evaluate::{Evaluation, Prepared, Scratch};
use crate::facts::{Facts, MOST_FACTS};
use crate::law::Pack;
use crate::needs::Needs;
use crate::pack::{PackError, read_pack};
use crate::quote::{Line, total};
use crate::wire::{self, Header, Refusal, Words};

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
        if pack.facts.len() > MOST_FACTS {
            return Err(PackError::Form);
        }
        let states =
            std::mem::take(&mut pack.states).into_iter().map(|state| Prepared::new(state, &pack.facts)).collect();
        let facts = Facts::new(pack.lists.len());
        Ok(Engine { pack, hash, states, facts, scratch: Scratch::default(), lines: Vec::new() })
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
        let mut out = Vec::with_capacity(1_024);
        self.scratch.trace = wire::wants_steps(request).then(Vec::new);
        self.answer(&mut Words::new(request), &mut out);
        self.scratch.trace = None;
        out
    }

    /// Computes many deals, without their formulas.
    pub fn quote_many(&mut self, requests: &[u8]) -> Vec<u8> {
        let mut words = Words::new(requests);
        let mut out = Vec::with_capacity(requests.len());
        let count = words.next().unwrap_or(0);
        wire::push(&mut out, &[count]);
        for _ in 0..count {
            let place = out.len();
            wire::push(&mut out, &[0]);
            match words.next().and_then(|length| words.part(length)) {
                Ok(mut part) => self.answer(&mut part, &mut out),
                Err(refusal) => refuse(refusal, &mut out),
            }
            let length = ((out.len() - place) / 8 - 1) as i64;
            out[place..place + 8].copy_from_slice(&length.to_le_bytes());
        }
        out
    }

    fn answer(&mut self, words: &mut Words<'_>, out: &mut Vec<u8>) {
        let (request, law) = match wire::read_request(words, &self.pack, &self.states, &mut self.facts) {
            Ok(read) => read,
            Err(refusal) => return refuse(refusal, out),
        };
        self.lines.clear();
        let mut evaluation =
            Evaluation::new(&self.pack, &self.states, law, &self.facts, &mut self.scratch, request.date);
        evaluation.taxes_only = request.taxes_only;
        let result = evaluation.lines(request.kind, &mut self.lines).and_then(|()| total(&law.state, &self.lines));
        let header = Header {
            refusal: result.map_or_else(Refusal::from, |_| Refusal::new(0, 0)),
            total: result.unwrap_or(-1),
            era: law.era_days(law.era(request.date), self.pack.horizon),
            as_enacted: request.date > law.state.reviewed,
        };
        wire::write_answer(out, &header, &self.lines, &law.state.levies);
    }

    /// Names the facts that a deal's law asks, given what is known of it: required ones and those with a default.
    pub fn needs(&mut self, request: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let read = wire::read_request(&mut Words::new(request), &self.pack, &self.states, &mut self.facts);
        let (request, law) = match read {
            Ok(read) => read,
            Err(refusal) => {
                wire::push(&mut out, &[wire::FORMAT, refusal.status, refusal.argument, 0, 0]);
                return out;
            }
        };
        let asked = Needs::new(&self.pack, &self.states, law, &self.facts, request.date).of(request.kind);
        wire::push(&mut out, &[wire::FORMAT, 0, 0, 0, asked.len() as i64]);
        for (fact, required) in asked {
            wire::push(&mut out, &[fact, i64::from(required)]);
        }
        out
    }
}

fn refuse(refusal: Refusal, out: &mut Vec<u8>) {
    wire::push(out, &[wire::FORMAT, refusal.status, refusal.argument, 0, -1, 0, 0, 0, 0]);
}
