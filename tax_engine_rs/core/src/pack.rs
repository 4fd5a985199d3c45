//! The rule pack: a hash, then the law in a compact binary form.
//!
//! Numbers are variable-length (seven bits a byte, sign folded in), lists carry their length. The SHA-256 in front covers
//! the rest, so that a damaged pack is refused before it is read.

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
const MAGIC: u8 = 0xA2;

/// Writes a pack, hash in front.
pub fn write_pack(pack: &Pack) -> Vec<u8> {
    let mut out = Writer { bytes: vec![MAGIC], nodes: Nodes::default() };
    pack.write(&mut out);
    let mut bytes = Sha256::digest(&out.bytes).to_vec();
    bytes.append(&mut out.bytes);
    bytes
}

/// Reads a pack whose hash holds; gives it with its hash.
pub fn read_pack(bytes: &[u8]) -> Result<(Pack, [u8; HASH_BYTES]), PackError> {
    let (hash, body) = bytes.split_at_checked(HASH_BYTES).ok_or(PackError::Form)?;
    if Sha256::digest(body).as_slice() != hash {
        return Err(PackError::Hash);
    }
    let mut input =
        Reader { rest: body.strip_prefix(&[MAGIC]).ok_or(PackError::Form)?, sound: true, nodes: Nodes::default() };
    let pack = Pack::read(&mut input);
    if !input.sound || !input.rest.is_empty() {
        return Err(PackError::Form);
    }
    Ok((pack, hash.try_into().map_err(|_| PackError::Form)?))
}

/// What is left to read. Once something is not in this form, only zeros follow, and the whole is refused at the end.
struct Reader<'a> {
    rest: &'a [u8],
    sound: bool,
    nodes: Nodes,
}

/// What was written.
struct Writer {
    bytes: Vec<u8>,
    nodes: Nodes,
}

/// Where in a state's nodes a pack is. A node is named by how far it lies before the one named last, or before the node
/// that names it: near ones are named most, and alike in all states.
#[derive(Default)]
struct Nodes {
    count: i64,
    last: i64,
}

impl Nodes {
    fn next(&mut self) {
        self.last = self.count;
        self.count += 1;
    }
}

impl Reader<'_> {
    fn byte(&mut self) -> u8 {
        match self.rest.split_first() {
            Some((byte, rest)) => {
                self.rest = rest;
                *byte
            }
            None => self.unsound(),
        }
    }

    fn unsound(&mut self) -> u8 {
        self.sound = false;
        self.rest = &[];
        0
    }

    #[inline(never)]
    fn number(&mut self) -> i64 {
        let mut folded = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte();
            folded |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return (folded >> 1) as i64 ^ -((folded & 1) as i64);
            }
        }
        i64::from(self.unsound())
    }
}

/// Something that stands in a pack.
trait Stored: Sized {
    fn write(&self, out: &mut Writer);
    fn read(input: &mut Reader<'_>) -> Self;
}

impl Stored for i64 {
    fn write(&self, out: &mut Writer) {
        let mut rest = ((self << 1) ^ (self >> 63)) as u64;
        while rest >= 0x80 {
            out.bytes.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        out.bytes.push(rest as u8);
    }

    fn read(input: &mut Reader<'_>) -> Self {
        input.number()
    }
}

macro_rules! small_numbers {
    ($($kind:ty)*) => {$(
        impl Stored for $kind {
            fn write(&self, out: &mut Writer) {
                (*self as i64).write(out);
            }
            #[inline(never)]
            fn read(input: &mut Reader<'_>) -> Self {
                let number = input.number();
                number.try_into().unwrap_or_else(|_| input.unsound().into())
            }
        }
    )*};
}
small_numbers!(u8 u16 usize);

/// The place of a node.
impl Stored for u32 {
    fn write(&self, out: &mut Writer) {
        let place = i64::from(*self);
        (out.nodes.last - place).write(out);
        out.nodes.last = place;
    }
    #[inline(never)]
    fn read(input: &mut Reader<'_>) -> Self {
        let place = input.nodes.last.wrapping_sub(input.number());
        input.nodes.last = place;
        place.try_into().unwrap_or_else(|_| input.unsound().into())
    }
}

impl Stored for bool {
    fn write(&self, out: &mut Writer) {
        u8::from(*self).write(out);
    }
    fn read(input: &mut Reader<'_>) -> Self {
        input.number() != 0
    }
}

impl Stored for String {
    fn write(&self, out: &mut Writer) {
        self.as_bytes().to_vec().write(out);
    }
    fn read(input: &mut Reader<'_>) -> Self {
        String::from_utf8(Vec::read(input)).unwrap_or_else(|_| {
            input.unsound();
            String::new()
        })
    }
}

impl<T: Stored> Stored for Vec<T> {
    fn write(&self, out: &mut Writer) {
        self.len().write(out);
        for item in self {
            item.write(out);
        }
    }
    #[inline(never)]
    fn read(input: &mut Reader<'_>) -> Self {
        let length = usize::read(input);
        // Every item takes a byte at least, so a length beyond the rest is no length.
        let length = if length > input.rest.len() { usize::from(input.unsound()) } else { length };
        let mut items = Vec::with_capacity(length);
        for _ in 0..length {
            items.push(T::read(input));
        }
        items
    }
}

impl<T: Stored> Stored for Option<T> {
    fn write(&self, out: &mut Writer) {
        self.is_some().write(out);
        if let Some(item) = self {
            item.write(out);
        }
    }
    #[inline(never)]
    fn read(input: &mut Reader<'_>) -> Self {
        if bool::read(input) { Some(T::read(input)) } else { None }
    }
}

impl<A: Stored, B: Stored> Stored for (A, B) {
    fn write(&self, out: &mut Writer) {
        self.0.write(out);
        self.1.write(out);
    }
    fn read(input: &mut Reader<'_>) -> Self {
        (A::read(input), B::read(input))
    }
}

macro_rules! records {
    ($($name:ident $([$begin:ident])? { $($field:ident),* })*) => {$(
        impl Stored for $name {
            fn write(&self, out: &mut Writer) {
                $(out.nodes = $begin::default();)?
                $(self.$field.write(out);)*
            }
            fn read(input: &mut Reader<'_>) -> Self {
                $(input.nodes = $begin::default();)?
                $name { $($field: Stored::read(input)),* }
            }
        }
    )*};
}
records! {
    FactSpec { kind, default }
    List { fields }
    Row { from, node }
    Value { unit, item, constant, rows }
    Base { items, test, credits }
    Table { keys, rows }
    Running { first, credit }
    Levy { kind, category, due, collector, date, each, in_force, when, base, slice_over, slice_to, share, rate, amount, most, least, round_unit, round_way, count, running }
    TaxCredit { kind, against, when, amount, value }
    State [Nodes] { code, reviewed, nodes, values, bases, tables, levies, credits, defaults, starts }
    Pack { version, floor, horizon, residence, places, facts, lists, states }
}

/// Enumerations: a tag, then the fields of the variant.
macro_rules! choices {
    (@first $name:ident $variant:ident $(($($field:ident),*))? $(, $($rest:tt)*)?) => {
        $name::$variant $(($({ let $field = 0; $field }),*))?
    };
    ($($name:ident $([$next:ident])? { $($tag:literal $variant:ident $(($($field:ident),*))?),* $(,)? })*) => {$(
        impl Stored for $name {
            fn write(&self, out: &mut Writer) {
                $(out.nodes.$next();)?
                match self {
                    $($name::$variant $(($($field),*))? => {
                        out.bytes.push($tag);
                        $($($field.write(out);)*)?
                    })*
                }
            }
            fn read(input: &mut Reader<'_>) -> Self {
                $(input.nodes.$next();)?
                match input.byte() {
                    $($tag => {
                        $($(let $field = Stored::read(input);)*)?
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
    fn write(&self, out: &mut Writer) {
        self.0.write(out);
    }
    fn read(input: &mut Reader<'_>) -> Self {
        Cell(Vec::read(input))
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
    Node [next] {
        0 Whole(number), 1 PerMillion(parts), 2 Fact(fact), 3 Known(fact), 4 Value(value), 5 Base(base), 6 Table(table),
        7 Marginal(table, x), 8 Binary(operator, a, b), 9 Not(a), 10 Negative(a), 11 If(condition, a, b), 12 Call(function, arguments),
        13 Total(list, a), 14 Largest(list, field, n), 15 RowField(list, field), 16 RowKnown(list, field), 17 Here, 18 LawDate, 19 Items,
        20 BaseAmount, 21 Tax, 22 Due, 23 HomeTax, 24 HomeKnown, 25 NotKnown, 26 Given(fact), 27 ListKnown(list),
    }
}
