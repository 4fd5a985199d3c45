//! Writes the law of one period as a [`Program`].

use alloc::{vec, vec::Vec};

mod conditions;
mod kept;
mod levies;
mod numbers;
mod reading;
mod steps;
mod sums;
mod ways;

use crate::law::*;
use crate::prepared::Prepared;
use crate::program::*;
use levies::slots;
use steps::{jumps, opposite};

/// Places below are for constants, those above for what is found: what one levy finds goes up from here, what all may use
/// comes down from the end.
const FIRST_FREE: u16 = 512;

/// What is found once and used again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Item {
    Fact(u16),
    Named(Named),
}

/// What the law names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    Value(u16),
    Base(u16),
}

/// Where a number is found, and the power of a million by which it is whole: 0 cents, 1 parts per million, 2 their product.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Number {
    place: u16,
    scale: u8,
}

/// A value of no more nodes is found anew wherever it is asked.
const FEW: usize = 6;
/// No number goes beyond.
const MOST_SCALE: u8 = 2;

struct Compiler<'a> {
    law: &'a Prepared,
    pack: &'a Pack,
    era: usize,
    nodes: &'a [u32],
    program: Program,
    /// The steps in parts: the first is taken from its beginning, the others are jumped to.
    parts: Vec<Vec<Step>>,
    /// The part that is being written.
    part: usize,
    /// Part and step of each label.
    labels: Vec<(usize, usize)>,
    /// How often each value and each base is named.
    value_uses: Vec<u16>,
    base_uses: Vec<u16>,
    /// What is certainly found at this step.
    found: Vec<(Item, Number)>,
    /// How much of it is found on every way to what comes after this levy.
    lasting: usize,
    /// How much was found where the way forked that this step is on.
    forked: Option<usize>,
    /// What has a part of its own, and its label.
    kept: Vec<(Named, Number, u16)>,
    free: u16,
    most_free: u16,
    end: u16,
    /// Whether numbers are found here that outlast the levy.
    for_all: bool,
    base: Option<Number>,
    items: Option<Number>,
    due: Option<Number>,
    /// Where the next levy begins.
    next: u16,
    leave: u16,
}

/// The steps of a kind of deal (0 retail, 1 lease), of all its levies or of the taxes alone, in a period.
pub fn compile(law: &Prepared, pack: &Pack, era: usize, kind: u8, taxes_only: bool) -> Program {
    let mut compiler = Compiler {
        law,
        pack,
        era,
        nodes: &law.nodes[era],
        program: Program::default(),
        parts: vec![Vec::new()],
        part: 0,
        labels: Vec::new(),
        value_uses: vec![0; law.state.values.len()],
        base_uses: vec![0; law.state.bases.len()],
        found: Vec::new(),
        lasting: usize::MAX,
        forked: None,
        kept: Vec::new(),
        free: FIRST_FREE,
        most_free: FIRST_FREE,
        end: ROOM as u16,
        for_all: false,
        base: None,
        items: None,
        due: None,
        next: 0,
        leave: 0,
    };
    compiler.program.days = law.era_days(era, pack.horizon);
    if !compiler.all(law.levies(kind, taxes_only), kind) {
        // More than there is room for: all goes the exact way.
        compiler.program.steps = vec![Step { does: Does::Leave, to: 0, a: 0, b: 0 }];
    }
    compiler.program
}

impl Compiler<'_> {
    /// Writes everything; whether there was room.
    fn all(&mut self, levies: &[u16], kind: u8) -> bool {
        let law = self.law;
        let slots = levies.iter().flat_map(|&index| slots(&law.state.levies[usize::from(index)]));
        let of_credits = law.credits(kind).flat_map(|(_, credit)| [credit.when, Some(credit.amount)]);
        slots.chain(of_credits).flatten().for_each(|node| self.count_uses(node));
        self.leave = self.label();
        for &index in levies {
            self.levy(index);
        }
        for (index, credit) in law.credits(kind) {
            self.credit(index, credit);
        }
        self.step(Does::End, 0, 0, 0);
        self.place_label(self.leave);
        self.step(Does::Leave, 0, 0, 0);
        self.settle();
        self.most_free <= self.end
            && usize::from(CONSTANTS) + self.program.constants.len() <= usize::from(FIRST_FREE)
            && self.program.steps.len() < usize::from(u16::MAX)
    }

    /// Joins the parts and puts steps for labels.
    fn settle(&mut self) {
        let begin = |begin: &mut usize, part: &Vec<Step>| Some(core::mem::replace(begin, *begin + part.len()));
        let begins: Vec<usize> = self.parts.iter().scan(0, begin).collect();
        let step = |label: u16| {
            let (part, step) = self.labels[usize::from(label)];
            (begins[part] + step) as u16
        };
        let mut steps = self.parts.concat();
        steps.iter_mut().filter(|step| jumps(step.does)).for_each(|jump| jump.to = step(jump.to));
        self.program.running.iter_mut().for_each(|running| running.steps = step(running.steps));
        for at in 0..steps.len() {
            while let Some(further) = further(&steps, steps[at]) {
                steps[at].to = further;
            }
        }
        self.program.steps = steps;
    }

    /// Begins a levy or a credit.
    fn begin(&mut self) {
        self.found.truncate(self.lasting);
        self.lasting = usize::MAX;
        self.next = self.label();
        self.free = FIRST_FREE;
        (self.base, self.items, self.due) = (None, None, None);
    }
}

/// Where a jump goes on to in the end: what it lands on may be another jump, or ask again what was just asked.
fn further(steps: &[Step], jump: Step) -> Option<u16> {
    let then = steps.get(usize::from(jump.to)).filter(|_| jumps(jump.does) && jump.does != Does::Ensure)?;
    let same = (then.a, then.b) == (jump.a, jump.b);
    if then.does == Does::Jump || (then.does == jump.does && same) {
        Some(then.to).filter(|to| *to != jump.to)
    } else {
        (opposite(then.does) == Some(jump.does) && same).then_some(jump.to + 1)
    }
}
