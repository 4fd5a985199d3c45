//! The tax engine: reads a rule pack and computes what the law takes of one vehicle deal.
//!
//! No state is named here: all law stands in the pack, which `compiler` makes from the rule files. Money is whole cents,
//! rates are parts per million, days are counted from 1970-01-01, and everything between them is exact.
#![forbid(unsafe_code)]
#![no_std]

extern crate alloc;

mod calendar;
mod coding;
mod compile;
mod engine;
mod evaluate;
mod exact;
mod facts;
mod home;
mod law;
mod line;
mod needs;
mod pack;
mod prepared;
mod program;
mod question;
mod quote;
mod run;
mod scratch;
mod wire;

pub use calendar::{date_of, day_of};
pub use engine::Engine;
pub use exact::{Exact, Overflow, Way};
pub use law::{
    Base, Cell, DateRule, Default, FactKind, FactSpec, Function, Levy, List, Node, Operator, Pack, Row, Running, State,
    Table, TaxCredit, Unit, Value, state_code,
};
pub use pack::{PackError, read_pack, write_pack};
pub use question::LIST_ARGUMENT;
pub use wire::answer::{Answer, AnswerLine, read_answer};
pub use wire::request::LIST_COUNT_FIELD;
pub use wire::{FORM, Refusal};
