//! The engine: a rule pack and the three questions that it answers.

use crate::evaluate::{Evaluation, Prepared, Question, Scratch};
use crate::facts::{Facts, MOST_FACTS, MOST_LISTS};
use crate::law::Pack;
use crate::needs::Needs;
use crate::pack::{PackError, read_pack};
use crate::quote::{Line, total};
use crate::run::Run;
use crate::wire::{self, Header, Message, Refusal, Words};

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
        let states =
            std::mem::take(&mut pack.states).into_iter().map(|state| Prepared::new(state, &pack.facts)).collect();
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
        let mut out = Message::with_room(1_024);
        self.scratch.trace = wire::wants_steps(request).then(Vec::new);
        self.answer(&mut Words::new(request), &mut out);
        self.scratch.trace = None;
        out.into_bytes()
    }

    /// Computes many deals, without their formulas.
    pub fn quote_many(&mut self, requests: &[u8]) -> Vec<u8> {
        let mut words = Words::new(requests);
        let mut out = Message::with_room(2 * requests.len());
        let count = words.next().unwrap_or(0);
        out.push(&[count]);
        for _ in 0..count {
            let place = out.words();
            out.push(&[0]);
            match words.next().and_then(|length| words.part(length)) {
                Ok(mut part) => self.answer(&mut part, &mut out),
                Err(refusal) => refuse(refusal, &mut out),
            }
            out.put(place, (out.words() - place - 1) as i64);
        }
        out.into_bytes()
    }

    fn answer(&mut self, words: &mut Words<'_>, out: &mut Message) {
        let (request, place) = match wire::read_request(words, &self.pack, &self.states, &mut self.facts) {
            Ok(read) => read,
            Err(refusal) => return refuse(refusal, out),
        };
        self.lines.clear();
        let Engine { pack, states, facts, scratch, lines, .. } = self;
        let law = &states[place];
        let wire::Request { kind, taxes_only, date } = request;
        let question = Question { pack, all: states, law, date, kind, taxes_only, is_home: false };
        let result = match scratch.trace {
            None => Run::new(&question, facts, scratch).lines(lines),
            Some(_) => Evaluation::new(&question, facts, scratch).lines(lines),
        };
        let result = result.and_then(|()| total(&law.state, lines));
        let header = Header {
            refusal: result.map_or_else(Refusal::from, |_| Refusal::new(0, 0)),
            total: result.unwrap_or(-1),
            era: law.era_days(law.era(date), pack.horizon),
            as_enacted: date > law.state.reviewed,
        };
        wire::write_answer(out, &header, lines, &law.state.levies);
    }

    /// Names the facts that a deal's law asks, given what is known of it: required ones and those with a default.
    pub fn needs(&mut self, request: &[u8]) -> Vec<u8> {
        let mut out = Message::default();
        let read = wire::read_request(&mut Words::new(request), &self.pack, &self.states, &mut self.facts);
        let (request, place) = match read {
            Ok(read) => read,
            Err(refusal) => {
                out.push(&[wire::FORMAT, refusal.status, refusal.argument, 0, 0]);
                return out.into_bytes();
            }
        };
        let wire::Request { kind, taxes_only, date } = request;
        let law = &self.states[place];
        let question = Question { pack: &self.pack, all: &self.states, law, date, kind, taxes_only, is_home: false };
        let asked = Needs::new(question, &self.facts).all();
        out.push(&[wire::FORMAT, 0, 0, 0, asked.len() as i64]);
        for (fact, required) in asked {
            out.push(&[fact, i64::from(required)]);
        }
        out.into_bytes()
    }
}

fn refuse(refusal: Refusal, out: &mut Message) {
    out.push(&[wire::FORMAT, refusal.status, refusal.argument, 0, -1, 0, 0, 0, 0]);
}
