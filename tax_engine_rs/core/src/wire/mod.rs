//! The binary form of requests and answers: rows of 8 bytes, little-endian. `docs/engine_wire.md` describes it.

use alloc::vec::Vec;

pub mod answer;
pub mod request;

use crate::question::Stop;

/// Version of the form, the first byte of each message.
pub const FORM: u8 = 2;

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

/// Reads rows of 8 bytes off a message.
pub struct Rows<'a>(&'a [u8]);

impl<'a> Rows<'a> {
    /// The rows of a message.
    pub fn new(bytes: &'a [u8]) -> Rows<'a> {
        Rows(bytes)
    }

    /// The next row's bytes.
    #[inline(always)]
    pub fn bytes(&mut self) -> Result<[u8; 8], Refusal> {
        let (bytes, rest) = self.0.split_first_chunk::<8>().ok_or(MALFORMED)?;
        self.0 = rest;
        Ok(*bytes)
    }

    /// The next row as one number.
    #[inline(always)]
    pub fn number(&mut self) -> Result<i64, Refusal> {
        self.bytes().map(i64::from_le_bytes)
    }

    /// The next row as two counts.
    #[inline(always)]
    pub fn counts(&mut self) -> Result<(u32, u32), Refusal> {
        let [a, b, c, d, e, f, g, h] = self.bytes()?;
        Ok((u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h])))
    }

    /// Whether all was read.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next so many rows as a message of their own.
    pub fn part(&mut self, rows: i64) -> Result<Rows<'a>, Refusal> {
        let length = usize::try_from(rows).ok().and_then(|rows| rows.checked_mul(8)).ok_or(MALFORMED)?;
        let (part, rest) = self.0.split_at_checked(length).ok_or(MALFORMED)?;
        self.0 = rest;
        Ok(Rows(part))
    }
}

/// Two numbers of 32 bits as one row.
pub fn pair(low: i64, high: i64) -> i64 {
    low & 0xffff_ffff | high << 32
}

/// A message that is being written.
#[derive(Default)]
pub struct Message(Vec<[u8; 8]>);

impl Message {
    /// With room for so many rows.
    pub fn with_room(rows: usize) -> Message {
        Message(Vec::with_capacity(rows))
    }

    /// Writes rows.
    #[inline(always)]
    pub fn push<const N: usize>(&mut self, rows: [i64; N]) {
        // One by one: to copy them together is a call out of the wasm module.
        for row in rows {
            self.0.push(row.to_le_bytes());
        }
    }

    /// How many rows are written.
    pub fn rows(&self) -> usize {
        self.0.len()
    }

    /// Writes a row in another's place.
    pub fn put(&mut self, place: usize, row: i64) {
        self.0[place] = row.to_le_bytes();
    }

    /// All that was written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0.into_flattened()
    }
}
