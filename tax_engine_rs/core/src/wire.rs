//! The binary form of requests and answers: 64-bit little-endian words. `docs/engine_wire.md` describes it.

use crate::evaluate::{Prepared, Stop};
use crate::facts::{Entry, Facts};
use crate::law::{FactKind, Pack};
use crate::quote::Line;

/// Version of the form, the first word of each message.
pub const FORMAT: i64 = 1;
/// Words of an answer before its lines.
pub const ANSWER_HEADER_WORDS: usize = 9;
/// The argument that names a list is its number from here on.
pub const LIST_ARGUMENT: i64 = 1_000;
/// A list row with this field tells how many rows the list has, none included.
pub const LIST_COUNT_FIELD: i64 = 255;

/// A hundred million dollars in cents; more is no vehicle's price.
const MOST_MONEY: i64 = 10_000_000_000;
const MOST_RATE: i64 = 1_000_000;
const MOST_COUNT: i64 = 10_000_000;
const MOST_ROWS: i64 = 64;

/// What a status word says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// 1 missing fact, 2 unknown state, 3 date out of range, 4 law not known, 5 bad value, 6 amount out of range,
    /// 7 unknown fact, 8 malformed.
    pub status: i64,
    /// The fact, list or value meant.
    pub argument: i64,
}

impl Refusal {
    /// A refusal by status and argument.
    pub const fn new(status: i64, argument: i64) -> Refusal {
        Refusal { status, argument }
    }
}

/// The message is not in this form.
pub const MALFORMED: Refusal = Refusal::new(8, 0);

impl From<Stop> for Refusal {
    fn from(stop: Stop) -> Refusal {
        match stop {
            Stop::Missing(fact) => Refusal::new(1, fact),
            Stop::DateOutOfRange(fact) => Refusal::new(3, fact),
            Stop::NotKnown(value) => Refusal::new(4, value),
            Stop::BadValue(fact) => Refusal::new(5, fact),
            Stop::Overflow => Refusal::new(6, 0),
        }
    }
}

/// Reads words off a message.
pub struct Words<'a>(&'a [u8]);

impl<'a> Words<'a> {
    /// The words of a message.
    pub fn new(bytes: &'a [u8]) -> Words<'a> {
        Words(bytes)
    }

    /// The next word.
    #[inline]
    pub fn next(&mut self) -> Result<i64, Refusal> {
        let (word, rest) = self.0.split_first_chunk::<8>().ok_or(MALFORMED)?;
        self.0 = rest;
        Ok(i64::from_le_bytes(*word))
    }

    /// Whether all was read.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next so many words as a message of their own.
    pub fn part(&mut self, words: i64) -> Result<Words<'a>, Refusal> {
        let length = usize::try_from(words).ok().and_then(|words| words.checked_mul(8)).ok_or(MALFORMED)?;
        let (part, rest) = self.0.split_at_checked(length).ok_or(MALFORMED)?;
        self.0 = rest;
        Ok(Words(part))
    }
}

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

/// Whether a request asks for the steps of the formula: its third word has no 4 in it.
pub fn wants_steps(request: &[u8]) -> bool {
    request.get(16).is_none_or(|kind| kind & 4 == 0)
}

/// Reads a request into `facts`, each number held to the bounds of its type; gives the place of its state too.
pub fn read_request(
    words: &mut Words<'_>,
    pack: &Pack,
    states: &[Prepared],
    facts: &mut Facts,
) -> Result<(Request, usize), Refusal> {
    if words.next()? != FORMAT {
        return Err(MALFORMED);
    }
    let state = words.next()?;
    let place = states.iter().position(|law| law.state.code == state).ok_or(Refusal::new(2, 0))?;
    facts.clear_for(state, &states[place].default_numbers);
    let kind = words.next()?;
    let date = words.next()?;
    if date < pack.floor || pack.horizon < date {
        return Err(Refusal::new(3, 0));
    }
    for _ in 0..words.next()? {
        let fact = words.next()?;
        let number = words.next()?;
        let spec = usize::try_from(fact).ok().and_then(|fact| pack.facts.get(fact)).ok_or(Refusal::new(7, fact))?;
        if !fits(spec.kind, number, pack) {
            return Err(Refusal::new(5, fact));
        }
        facts.set(fact as u16, number);
    }
    for _ in 0..words.next()? {
        let (list, row, field, number) = (words.next()?, words.next()?, words.next()?, words.next()?);
        let refused = Refusal::new(5, LIST_ARGUMENT + list);
        let spec = usize::try_from(list).ok().and_then(|list| pack.lists.get(list));
        let spec = spec.ok_or(Refusal::new(7, LIST_ARGUMENT + list))?;
        if field == LIST_COUNT_FIELD {
            if !(0..=MOST_ROWS).contains(&number) {
                return Err(refused);
            }
            facts.set_rows(list as u8, number as u16);
            continue;
        }
        let kind = usize::try_from(field).ok().and_then(|field| spec.fields.get(field)).ok_or(refused)?.kind;
        if !fits(kind, number, pack) || !(0..MOST_ROWS).contains(&row) {
            return Err(refused);
        }
        facts.entries.push(Entry { list: list as u8, row: row as u16, field: field as u8, number });
    }
    let kind = u8::try_from(kind).ok().filter(|kind| *kind <= 7).ok_or(MALFORMED)?;
    let request = Request { kind: kind & 1, taxes_only: kind & 2 != 0, date };
    if words.is_empty() { Ok((request, place)) } else { Err(MALFORMED) }
}

fn fits(kind: FactKind, number: i64, pack: &Pack) -> bool {
    match kind {
        FactKind::Money => (0..=MOST_MONEY).contains(&number),
        FactKind::Rate => (0..=MOST_RATE).contains(&number),
        FactKind::Count => (0..=MOST_COUNT).contains(&number),
        FactKind::YesNo => (0..=1).contains(&number),
        FactKind::Choice(count) => (0..i64::from(count)).contains(&number),
        FactKind::State => pack.places.binary_search(&number).is_ok(),
        FactKind::Date => (0..=100_000).contains(&number),
    }
}

/// A message that is being written.
#[derive(Default)]
pub struct Message {
    /// Written so far, with room behind: zeros are laid for many words at once, since each time is a call out of the wasm module.
    bytes: Vec<u8>,
    written: usize,
}

impl Message {
    /// With room for so many bytes.
    pub fn with_room(bytes: usize) -> Message {
        Message { bytes: vec![0; bytes], written: 0 }
    }

    /// Writes words.
    #[inline]
    pub fn push<const N: usize>(&mut self, words: &[i64; N]) {
        if self.bytes.len() - self.written < 8 * N {
            self.bytes.resize(2 * self.bytes.len() + 8 * N, 0);
        }
        for (place, word) in self.bytes[self.written..].chunks_exact_mut(8).zip(words) {
            if let Some(place) = place.first_chunk_mut::<8>() {
                *place = word.to_le_bytes();
            }
        }
        self.written += 8 * N;
    }

    /// How many words are written.
    pub fn words(&self) -> usize {
        self.written / 8
    }

    /// Writes a word in another's place.
    pub fn put(&mut self, place: usize, word: i64) {
        self.bytes[8 * place..8 * place + 8].copy_from_slice(&word.to_le_bytes());
    }

    /// All that was written.
    pub fn into_bytes(mut self) -> Vec<u8> {
        self.bytes.truncate(self.written);
        self.bytes
    }
}

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

/// Writes an answer.
pub fn write_answer(out: &mut Message, header: &Header, lines: &[Line], levies: &[crate::law::Levy]) {
    let refusal = header.refusal;
    out.push(&[
        FORMAT,
        refusal.status,
        refusal.argument,
        0,
        header.total,
        header.era.0,
        header.era.1,
        i64::from(header.as_enacted),
        lines.len() as i64,
    ]);
    for line in lines {
        let levy = &levies[usize::from(line.levy)];
        let stop = line.stop.map_or(Refusal::new(0, 0), Refusal::from);
        out.push(&[
            i64::from(line.levy),
            i64::from(levy.category),
            i64::from(line.due),
            i64::from(levy.collector),
            stop.status,
            stop.argument,
            line.row.map_or(-1, i64::from),
            line.count,
            line.base,
            line.rate,
            line.amount,
            line.amount * line.count,
            line.trace.len() as i64,
        ]);
        for step in &line.trace {
            out.push(&[step.value, step.row, step.unit, step.number]);
        }
    }
}
