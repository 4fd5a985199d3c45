//! The engine: a rule pack and the three questions that it answers.

use crate::evaluate::{Evaluation, Prepared, Scratch};
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
    /// How many programs were written so far.
    programs: u32,
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
        Ok(Engine {
            pack,
            hash,
            states,
            facts: Facts::new(),
            scratch: Scratch::default(),
            lines: Vec::new(),
            programs: 0,
        })
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
        let era = self.states[place].era(request.date);
        if self.scratch.trace.is_none() {
            let written =
                self.states[place].make_ready(&self.pack, era, request.kind, request.taxes_only, self.programs + 1);
            self.programs += u32::from(written);
        }
        let law = &self.states[place];
        let result = match law.program(era, request.kind, request.taxes_only) {
            Some(program) if self.scratch.trace.is_none() => Run {
                pack: &self.pack,
                all: &self.states,
                law,
                program,
                facts: &mut self.facts,
                scratch: &mut self.scratch,
                date: request.date,
                taxes_only: request.taxes_only,
            }
            .lines(&mut self.lines),
            _ => {
                let mut evaluation =
                    Evaluation::new(&self.pack, &self.states, law, &self.facts, &mut self.scratch, request.date);
                evaluation.taxes_only = request.taxes_only;
                evaluation.lines(request.kind, &mut self.lines)
            }
        };
        let result = result.and_then(|()| total(&law.state, &self.lines));
        let header = Header {
            refusal: result.map_or_else(Refusal::from, |_| Refusal::new(0, 0)),
            total: result.unwrap_or(-1),
            era: law.era_days(era, self.pack.horizon),
            as_enacted: request.date > law.state.reviewed,
        };
        wire::write_answer(out, &header, &self.lines, &law.state.levies);
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
        let asked =
            Needs::new(&self.pack, &self.states, &self.states[place], &self.facts, request.date).of(request.kind);
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
