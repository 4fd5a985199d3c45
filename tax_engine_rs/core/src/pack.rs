//! The rule pack: a hash, then the law as numbers that [`crate::coding`] writes in few bits.
//!
//! Lists carry their length; an expression stands where it is used, each operator before its operands. The SHA-256 in front
//! covers the rest, so that a damaged pack is refused before it is read.

use crate::coding::{Decoder, Encoder, Model, place};
use crate::exact::Way;
use crate::law::*;
use alloc::string::String;
use alloc::{vec, vec::Vec};
use sha2::{Digest, Sha256};

/// Why a pack cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackError {
    /// The bytes are not those that were written.
    Hash,
    /// The form is not the one that this engine reads.
    Form,
}

const HASH_BYTES: usize = 32;
const MAGIC: u8 = 0xA3;
/// More of anything no law has; so deep no expression is.
const MOST_ITEMS: usize = 1 << 16;
const MOST_DEPTH: u32 = 100;

/// Writes a pack, hash in front.
pub fn write_pack(pack: &Pack) -> Vec<u8> {
    let mut out = Writer { model: Model::new(), bits: Encoder::new(), nodes: Vec::new() };
    pack.write(&mut out, 0);
    let mut body = vec![MAGIC];
    body.extend(out.bits.into_bytes());
    let mut bytes = Sha256::digest(&body).to_vec();
    bytes.append(&mut body);
    bytes
}

/// Reads a pack whose hash holds; gives it with its hash.
pub fn read_pack(bytes: &[u8]) -> Result<(Pack, [u8; HASH_BYTES]), PackError> {
    let (hash, body) = bytes.split_at_checked(HASH_BYTES).ok_or(PackError::Form)?;
    if Sha256::digest(body).as_slice() != hash {
        return Err(PackError::Hash);
    }
    let coded = body.strip_prefix(&[MAGIC]).ok_or(PackError::Form)?;
    let mut input = Reader { model: Model::new(), bits: Decoder::new(coded), sound: true, nodes: Vec::new(), depth: 0 };
    let pack = Pack::read(&mut input, 0);
    if !input.sound || !input.bits.is_done() {
        return Err(PackError::Form);
    }
    Ok((pack, hash.try_into().map_err(|_| PackError::Form)?))
}

/// What is left to read. Once something is not in this form, only zeros follow, and the whole is refused at the end.
struct Reader<'a> {
    model: Model,
    bits: Decoder<'a>,
    sound: bool,
    /// The state's expressions so far, operands before their operator.
    nodes: Vec<Node>,
    depth: u32,
}

impl Reader<'_> {
    #[inline(never)]
    fn number(&mut self, place: u32) -> i64 {
        let number = if self.sound { self.model.number(&mut self.bits, place, 0) } else { 0 };
        self.sound &= self.bits.is_sound();
        number
    }

    fn unsound(&mut self) -> u8 {
        self.sound = false;
        0
    }
}

/// What was written.
struct Writer {
    model: Model,
    bits: Encoder,
    /// The state's expressions.
    nodes: Vec<Node>,
}

impl Writer {
    fn number(&mut self, place: u32, number: i64) {
        self.model.number(&mut self.bits, place, number);
    }
}

/// Something that stands in a pack, at a place that tells what numbers to expect.
trait Stored: Sized {
    fn write(&self, out: &mut Writer, place: u32);
    fn read(input: &mut Reader<'_>, place: u32) -> Self;
}

impl Stored for i64 {
    fn write(&self, out: &mut Writer, place: u32) {
        out.number(place, *self);
    }
    fn read(input: &mut Reader<'_>, place: u32) -> Self {
        input.number(place)
    }
}

macro_rules! small_numbers {
    ($($kind:ty)*) => {$(
        impl Stored for $kind {
            fn write(&self, out: &mut Writer, place: u32) {
                out.number(place, *self as i64);
            }
            #[inline(never)]
            fn read(input: &mut Reader<'_>, place: u32) -> Self {
                let number = input.number(place);
                number.try_into().unwrap_or_else(|_| input.unsound().into())
            }
        }
    )*};
}
small_numbers!(u8 u16 usize);

/// An expression.
impl Stored for u32 {
    fn write(&self, out: &mut Writer, place: u32) {
        out.nodes[*self as usize].clone().write(out, place);
    }
    #[inline(never)]
    fn read(input: &mut Reader<'_>, place: u32) -> Self {
        input.depth += 1;
        input.sound &= input.depth < MOST_DEPTH;
        let node = Node::read(input, place);
        input.depth -= 1;
        input.nodes.push(node);
        input.nodes.len() as u32 - 1
    }
}

impl Stored for bool {
    fn write(&self, out: &mut Writer, place: u32) {
        out.number(place, i64::from(*self));
    }
    fn read(input: &mut Reader<'_>, place: u32) -> Self {
        input.number(place) != 0
    }
}

impl Stored for String {
    fn write(&self, out: &mut Writer, place: u32) {
        self.as_bytes().to_vec().write(out, place);
    }
    fn read(input: &mut Reader<'_>, place: u32) -> Self {
        String::from_utf8(Vec::read(input, place)).unwrap_or_else(|_| {
            input.unsound();
            String::new()
        })
    }
}

impl<T: Stored> Stored for Vec<T> {
    fn write(&self, out: &mut Writer, place: u32) {
        self.len().write(out, place);
        for item in self {
            item.write(out, place + 1);
        }
    }
    #[inline(never)]
    fn read(input: &mut Reader<'_>, place: u32) -> Self {
        let length = usize::read(input, place);
        let length = if length > MOST_ITEMS { usize::from(input.unsound()) } else { length };
        (0..length).map(|_| T::read(input, place + 1)).collect()
    }
}

impl<T: Stored> Stored for Option<T> {
    fn write(&self, out: &mut Writer, place: u32) {
        self.is_some().write(out, place);
        if let Some(item) = self {
            item.write(out, place + 1);
        }
    }
    #[inline(never)]
    fn read(input: &mut Reader<'_>, place: u32) -> Self {
        if bool::read(input, place) { Some(T::read(input, place + 1)) } else { None }
    }
}

impl<A: Stored, B: Stored> Stored for (A, B) {
    fn write(&self, out: &mut Writer, place: u32) {
        self.0.write(out, place);
        self.1.write(out, place);
    }
    fn read(input: &mut Reader<'_>, place: u32) -> Self {
        (A::read(input, place), B::read(input, place))
    }
}

macro_rules! place {
    ($($name:ident)*) => {
        const { place(concat!($(stringify!($name), "."),*)) }
    };
}

macro_rules! records {
    ($($name:ident { $($field:ident),* })*) => {$(
        impl Stored for $name {
            fn write(&self, out: &mut Writer, _place: u32) {
                $(self.$field.write(out, place!($name $field));)*
            }
            fn read(input: &mut Reader<'_>, _place: u32) -> Self {
                $name { $($field: Stored::read(input, place!($name $field))),* }
            }
        }
    )*};
}

records! {
    FactSpec { kind, default }
    List { fields }
    Row { node, from }
    Value { unit, constant, item, rows }
    Base { items, test, credits }
    Table { keys, rows }
    Running { first, credit }
    Levy { kind, category, due, collector, date, each, in_force, when, base, slice_over, slice_to, share, rate, amount, most, least, round_unit, round_way, count, running }
    TaxCredit { kind, against, when, amount, value }
    Pack { version, floor, horizon, residence, places, facts, lists, states }
}

/// Expressions stand where they are used.
macro_rules! state {
    ($($field:ident),*) => {
        impl Stored for State {
            fn write(&self, out: &mut Writer, _place: u32) {
                out.nodes.clone_from(&self.nodes);
                $(self.$field.write(out, place!(State $field));)*
            }
            fn read(input: &mut Reader<'_>, _place: u32) -> Self {
                $(let $field = Stored::read(input, place!(State $field));)*
                State { $($field,)* nodes: core::mem::take(&mut input.nodes) }
            }
        }
    };
}
state!(code, reviewed, values, bases, tables, levies, credits, defaults);

/// Enumerations: a tag, then the fields of the variant.
macro_rules! choices {
    (@first $name:ident $variant:ident $(($($field:ident),*))? $(, $($rest:tt)*)?) => {
        $name::$variant $(($({ let $field = 0; $field }),*))?
    };
    ($($name:ident { $($tag:literal $variant:ident $(($($field:ident),*))?),* $(,)? })*) => {$(
        impl Stored for $name {
            fn write(&self, out: &mut Writer, place: u32) {
                match self {
                    $($name::$variant $(($($field),*))? => {
                        out.number(place, $tag);
                        $($($field.write(out, place!($name $variant $field));)*)?
                    })*
                }
            }
            fn read(input: &mut Reader<'_>, place: u32) -> Self {
                match input.number(place) {
                    $($tag => {
                        $($(let $field = Stored::read(input, place!($name $variant $field));)*)?
                        $name::$variant $(($($field),*))?
                    })*
                    _ => {
                        input.unsound();
                        choices!(@first $name $($variant $(($($field),*))?),*)
                    }
                }
            }
        }
    )*};
}
impl Stored for Cell {
    fn write(&self, out: &mut Writer, place: u32) {
        self.0.write(out, place);
    }
    fn read(input: &mut Reader<'_>, place: u32) -> Self {
        Cell(Vec::read(input, place))
    }
}
choices! {
    Way { 0 HalfUp, 1 Up, 2 Down, 3 HalfEven }
    FactKind { 0 Money, 1 Rate, 2 Count, 3 YesNo, 4 Choice(count), 5 State, 6 Date }
    Default { 0 Required, 1 Zero, 2 Number(number), 3 Here, 4 LawDate, 5 SumOf(list, field), 6 RowsOf(list), 7 SameAs(fact) }
    Unit { 0 Money, 1 Rate, 2 Count, 3 YesNo, 4 Word }
    Operator { 0 Add, 1 Subtract, 2 Multiply, 3 Divide, 4 Equal, 5 Less, 6 LessOrEqual, 7 And, 8 Or }
    Function { 0 Min, 1 Max, 2 Over, 3 Slice, 4 In, 5 Units(way), 6 Round(way), 7 Power, 8 Year, 9 MonthsBetween, 10 YearsBetween }
    DateRule { 0 Request, 1 Fact(fact), 2 Payment(fact) }
    Node {
        0 Whole(number), 1 PerMillion(parts), 2 Fact(fact), 3 Known(fact), 4 Value(value), 5 Base(base), 6 Table(table),
        7 Marginal(table, x), 8 Binary(operator, a, b), 9 Not(a), 10 Negative(a), 11 If(condition, a, b), 12 Call(function, arguments),
        13 Total(list, a), 14 Largest(list, field, n), 15 RowField(list, field), 16 RowKnown(list, field), 17 Here, 18 LawDate, 19 Items,
        20 BaseAmount, 21 Tax, 22 Due, 23 HomeTax, 24 HomeKnown, 25 NotKnown, 26 Given(fact), 27 ListKnown(list),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pack whose hash holds, with so many bytes that mean nothing.
    fn nonsense(seed: u64, length: usize) -> Vec<u8> {
        let mut state = seed;
        let mut body = vec![MAGIC];
        body.extend((1..length).map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        }));
        [&Sha256::digest(&body)[..], &body].concat()
    }

    #[test]
    fn bytes_that_are_no_law_are_refused() {
        for seed in 0..200 {
            let bytes = nonsense(seed, 8 + 20 * seed as usize);
            assert_eq!(read_pack(&bytes).err(), Some(PackError::Form));
        }
        // Bits that are all alike say yes, or no, to whatever is asked.
        for byte in [0, 255] {
            let body = [&[MAGIC][..], &[byte; 3_000]].concat();
            assert_eq!(read_pack(&[&Sha256::digest(&body)[..], &body].concat()).err(), Some(PackError::Form));
        }
    }

    #[test]
    fn a_damaged_pack_is_refused_by_its_hash() {
        let mut bytes = nonsense(1, 100);
        bytes[90] ^= 1;
        assert_eq!(read_pack(&bytes).err(), Some(PackError::Hash));
        assert_eq!(read_pack(&bytes[..20]).err(), Some(PackError::Form));
    }
}
