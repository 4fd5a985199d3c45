//! Numbers in as few bits as they surprise: a binary arithmetic coder, and a model that guesses what comes next.
//!
//! Law repeats itself, within a state and from state to state. The model keeps, for each place where a number stands and the few
//! numbers before it, what followed the last times; most numbers are then one or two guesses that hold, which cost a fraction of
//! a bit. Writer and reader learn the same from the same numbers, so nothing but the bits has to be stored.

use alloc::{vec, vec::Vec};

/// Numbers before this one that tell what it may be.
const BEFORE: usize = 4;
/// Contexts for which the model keeps what followed; a later one takes the room of an earlier one.
const MEMORIES: usize = 1 << 15;
/// Questions for which the model keeps how likely a yes is.
const CHANCES: usize = 1 << 16;
/// So often a guess held that more make no difference.
const LONG_STREAK: u8 = 4;
/// After so many answers a chance learns as much from each later one.
const SETTLED: usize = 30;
/// How far a chance goes towards the next answer, in 1/65536, after so many: a half and something at first.
const STEPS: [i32; SETTLED + 1] = {
    let (mut steps, mut answers) = ([0; SETTLED + 1], 0);
    while answers <= SETTLED {
        steps[answers] = (2 << 16) / (2 * answers as i32 + 3);
        answers += 1;
    }
    steps
};
/// No answer is so sure that it costs nothing.
const LEAST_CHANCE: i32 = 32;

/// Yes or no, each with its chance: written, or read.
pub trait Bits {
    /// Writes `wanted`, or reads what was written, and gives it. The chance of a yes is counted in 1/65536.
    fn bit(&mut self, chance: u16, wanted: bool) -> bool;
}

/// The part of all bit strings to which what was coded so far narrows down.
struct Part {
    low: u32,
    high: u32,
}

impl Part {
    const ALL: Part = Part { low: 0, high: u32::MAX };

    /// The last of a yes, the first part.
    fn middle(&self, chance: u16) -> u32 {
        self.low + ((u64::from(self.high - self.low) * u64::from(chance)) >> 16) as u32
    }

    fn narrow(&mut self, middle: u32, bit: bool) {
        if bit { self.high = middle } else { self.low = middle + 1 }
    }

    /// The first byte, when it is settled; it is then passed on.
    fn settled(&mut self) -> Option<u8> {
        let byte = (self.high >> 24) as u8;
        ((self.low ^ self.high) >> 24 == 0).then(|| {
            (self.low, self.high) = (self.low << 8, self.high << 8 | 0xff);
            byte
        })
    }
}

/// Writes bits.
pub struct Encoder {
    part: Part,
    bytes: Vec<u8>,
}

impl Encoder {
    /// Begins.
    pub fn new() -> Encoder {
        Encoder { part: Part::ALL, bytes: Vec::new() }
    }

    /// All that was written.
    pub fn into_bytes(mut self) -> Vec<u8> {
        self.bytes.extend(self.part.low.to_be_bytes());
        self.bytes
    }
}

impl Bits for Encoder {
    fn bit(&mut self, chance: u16, wanted: bool) -> bool {
        let middle = self.part.middle(chance);
        self.part.narrow(middle, wanted);
        while let Some(byte) = self.part.settled() {
            self.bytes.push(byte);
        }
        wanted
    }
}

/// Reads bits.
pub struct Decoder<'a> {
    part: Part,
    code: u32,
    rest: &'a [u8],
    sound: bool,
}

impl<'a> Decoder<'a> {
    /// Begins.
    pub fn new(bytes: &'a [u8]) -> Decoder<'a> {
        let mut decoder = Decoder { part: Part::ALL, code: 0, rest: bytes, sound: true };
        (0..4).for_each(|_| decoder.shift());
        decoder
    }

    /// Whether nothing was asked beyond the end.
    pub fn is_sound(&self) -> bool {
        self.sound
    }

    /// Whether all was read and no more.
    pub fn is_done(&self) -> bool {
        self.sound && self.rest.is_empty()
    }

    fn shift(&mut self) {
        let (byte, rest) = self.rest.split_first().unwrap_or_else(|| {
            self.sound = false;
            (&0, &[])
        });
        self.rest = rest;
        self.code = self.code << 8 | u32::from(*byte);
    }
}

impl Bits for Decoder<'_> {
    fn bit(&mut self, chance: u16, _wanted: bool) -> bool {
        let middle = self.part.middle(chance);
        let bit = self.code <= middle;
        self.part.narrow(middle, bit);
        while self.part.settled().is_some() {
            self.shift();
        }
        bit
    }
}

/// How likely a yes is, and how many answers say so.
#[derive(Clone, Copy)]
struct Chance {
    yes: u16,
    answers: u16,
}

impl Chance {
    const EVEN: Chance = Chance { yes: 1 << 15, answers: 0 };

    fn learn(&mut self, bit: bool) {
        let (yes, target) = (i32::from(self.yes), if bit { i32::from(u16::MAX) } else { 0 });
        let answers = usize::from(self.answers).min(SETTLED);
        let learned = yes + (((target - yes) * STEPS[answers]) >> 16);
        self.yes = learned.clamp(LEAST_CHANCE, i32::from(u16::MAX) - LEAST_CHANCE) as u16;
        self.answers = answers as u16 + 1;
    }
}

/// What followed a context: the last number and the last other one.
#[derive(Clone, Copy, Default)]
struct Memory {
    context: u32,
    /// How often in a row the last number came; 0 before the first.
    streak: u8,
    recent: [i64; 2],
}

impl Memory {
    fn keep(&mut self, number: i64) {
        let [last, _] = self.recent;
        (self.streak, self.recent) = match self.streak {
            0 => (1, [number; 2]),
            streak if last == number => (LONG_STREAK.min(streak + 1), self.recent),
            _ => (1, [number, last]),
        };
    }
}

/// What the numbers so far tell of the next.
pub struct Model {
    memories: Vec<Memory>,
    chances: Vec<Chance>,
    before: [i64; BEFORE],
}

impl Model {
    /// Nothing is known.
    pub fn new() -> Model {
        let (memories, chances) = (vec![Memory::default(); MEMORIES], vec![Chance::EVEN; CHANCES]);
        Model { memories, chances, before: [0; BEFORE] }
    }

    /// Passes a number through the bits: gives the one that was written at this place.
    pub fn number(&mut self, bits: &mut impl Bits, place: u32, number: i64) -> i64 {
        let context = self.before.iter().fold(place, |context, &number| mixed(context, number));
        let (here, at_place) = (self.memory(context), self.memory(place));
        let guesses = [here.recent[0], here.recent[1], at_place.recent[0].wrapping_add(1)];
        let guessed = (0..3).find_map(|at| {
            let guess = guesses[at];
            // Nothing was seen here yet, or this guess has failed already.
            let idle = (at < 2 && here.streak == 0) || (at == 1 && guess == guesses[0]);
            let question = mixed(place, i64::from(here.streak) * 4 + at as i64);
            (!idle && self.bit(bits, question, number == guess)).then_some(guess)
        });
        let passed = guessed.unwrap_or_else(|| self.spelled(bits, place, number));
        for context in [context, place] {
            let mut memory = self.memory(context);
            memory.keep(passed);
            self.memories[context as usize % MEMORIES] = memory;
        }
        let [a, b, c, _] = self.before;
        self.before = [passed, a, b, c];
        passed
    }

    fn memory(&self, context: u32) -> Memory {
        let memory = self.memories[context as usize % MEMORIES];
        if memory.context == context { memory } else { Memory { context, ..Memory::default() } }
    }

    /// A number bit by bit: how many it has, then each after those before it. The sign is folded in.
    fn spelled(&mut self, bits: &mut impl Bits, place: u32, number: i64) -> i64 {
        let wanted = (number << 1 ^ number >> 63) as u64;
        let wanted_length = u64::BITS - wanted.leading_zeros();
        let place = mixed(place, -1);
        let mut length = 0;
        while length < u64::BITS && self.bit(bits, mixed(place, i64::from(length)), length < wanted_length) {
            length += 1;
        }
        let place = mixed(place, i64::from(length) - 100);
        let mut folded = u64::from(length > 0);
        for shift in (1..length).rev() {
            let bit = self.bit(bits, mixed(place, folded as i64), wanted >> (shift - 1) & 1 == 1);
            folded = folded << 1 | u64::from(bit);
        }
        (folded >> 1) as i64 ^ -((folded & 1) as i64)
    }

    fn bit(&mut self, bits: &mut impl Bits, question: u32, wanted: bool) -> bool {
        let chance = &mut self.chances[question as usize % CHANCES];
        let bit = bits.bit(chance.yes, wanted);
        chance.learn(bit);
        bit
    }
}

/// A context and one number more.
fn mixed(context: u32, number: i64) -> u32 {
    let mixed = (u64::from(context) << 32 ^ number as u64 ^ 0x5bd1_e995).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 32) as u32 ^ (mixed as u32 >> 15)
}

/// Places are short numbers, because each stands in the code that reads it; two that are the same by chance do no harm.
const PLACES: u32 = 1 << 13;

/// The place of a name.
pub const fn place(name: &str) -> u32 {
    let (bytes, mut at, mut place) = (name.as_bytes(), 0, 0x811c_9dc5_u32);
    while at < bytes.len() {
        place = (place ^ bytes[at] as u32).wrapping_mul(0x0100_0193);
        at += 1;
    }
    place % PLACES
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(numbers: &[(u32, i64)]) -> Vec<u8> {
        let (mut model, mut bits) = (Model::new(), Encoder::new());
        numbers.iter().for_each(|&(place, number)| assert_eq!(model.number(&mut bits, place, number), number));
        bits.into_bytes()
    }

    fn read(bytes: &[u8], places: impl Iterator<Item = u32>) -> (Vec<i64>, bool) {
        let (mut model, mut bits) = (Model::new(), Decoder::new(bytes));
        let numbers = places.map(|place| model.number(&mut bits, place, 0)).collect();
        (numbers, bits.is_done())
    }

    #[test]
    fn numbers_of_every_length_come_back() {
        let mut numbers = vec![(1, i64::MIN), (1, i64::MAX), (2, 0), (2, -1)];
        // A linear congruential generator, cut to every length.
        let mut state = 1_u64;
        for step in 0..4_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            numbers.push((step % 7, state as i64 >> (step % 64)));
        }
        let bytes = written(&numbers);
        let (back, done) = read(&bytes, numbers.iter().map(|(place, _)| *place));
        assert!(done);
        assert!(numbers.iter().map(|(_, number)| *number).eq(back));
    }

    #[test]
    fn what_repeats_itself_takes_next_to_nothing() {
        let numbers: Vec<(u32, i64)> = (0..10_000).map(|step| (step % 5, i64::from(step % 5) * 1_234_567)).collect();
        assert!(written(&numbers).len() < 60);
    }

    #[test]
    fn what_is_cut_off_is_not_done() {
        let numbers: Vec<(u32, i64)> = (0..300).map(|step| (0, step * step)).collect();
        let bytes = written(&numbers);
        let places = || numbers.iter().map(|(place, _)| *place);
        assert!(!read(&bytes[..bytes.len() - 1], places()).1);
        assert!(!read(&[&bytes[..], &[0]].concat(), places()).1);
    }
}
