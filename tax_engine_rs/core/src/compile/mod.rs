//! Writes the law of one period as a [`Program`].

mod conditions;
mod levies;
mod numbers;
mod reading;
mod steps;

use crate::evaluate::Prepared;
use crate::law::*;
use crate::program::*;
use levies::slots;
use steps::jumps;

/// Places below are for constants, those above for what is found: what one levy finds goes up from here, what all may use
/// comes down from the end.
const FIRST_FREE: u16 = 512;

/// What is found once and used again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Item {
    Fact(u16),
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
    /// Step of each label.
    labels: Vec<u16>,
    /// How often each value and each base is named.
    value_uses: Vec<u16>,
    base_uses: Vec<u16>,
    /// What is certainly found at this step.
    found: Vec<(Item, Number)>,
    /// What has steps of its own, and their label.
    kept: Vec<(Item, Number, u16)>,
    free: u16,
    end: u16,
    /// Whether steps are written that any levy may ask.
    for_all: bool,
    base: Option<Number>,
    items: Option<Number>,
    due: Option<Number>,
    leave: u16,
    /// What is done the exact way, behind all else: label, step, place, and the label to go back to.
    exact: Vec<(u16, Does, u16, u16)>,
}

/// The steps of a kind of deal (0 retail, 1 lease), of all its levies or of the taxes alone, in a period.
pub fn compile(law: &Prepared, pack: &Pack, era: usize, kind: u8, taxes_only: bool) -> Program {
    let mut compiler = Compiler {
        law,
        pack,
        era,
        nodes: &law.nodes[era],
        program: Program::default(),
        labels: Vec::new(),
        value_uses: vec![0; law.state.values.len()],
        base_uses: vec![0; law.state.bases.len()],
        found: Vec::new(),
        kept: Vec::new(),
        free: FIRST_FREE,
        end: ROOM as u16,
        for_all: false,
        base: None,
        items: None,
        due: None,
        leave: 0,
        exact: Vec::new(),
    };
    compiler.program.days = law.era_days(era, pack.horizon);
    let levies = law.levies(kind, taxes_only);
    if !compiler.all(levies, kind) {
        // More than there is room for: all goes the exact way.
        compiler.program.steps.clear();
        for &levy in levies {
            compiler.step(Does::Exact, 0, levy, 0);
        }
        for (place, _) in law.credits(kind) {
            compiler.step(Does::Credit, 0, place, 0);
        }
        compiler.step(Does::End, 0, 0, 0);
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
        for (label, does, place, next) in std::mem::take(&mut self.exact) {
            self.place_label(label);
            self.step(does, 0, place, 0);
            self.step(Does::Jump, next, 0, 0);
        }
        self.settle_jumps();
        for running in &mut self.program.running {
            running.steps = self.labels[usize::from(running.steps)];
        }
        self.free <= self.end
            && usize::from(CONSTANTS) + self.program.constants.len() <= usize::from(FIRST_FREE)
            && self.program.steps.len() < usize::from(u16::MAX)
    }

    /// Puts steps for labels; a jump to a jump goes where that one goes.
    fn settle_jumps(&mut self) {
        for at in 0..self.program.steps.len() {
            let step = self.program.steps[at];
            if !jumps(step.does) {
                continue;
            }
            let mut to = self.labels[usize::from(step.to)];
            while let Some(&Step { does: Does::Jump, to: further, .. }) = self.program.steps.get(usize::from(to)) {
                // Jumps before this one are settled already.
                to = if usize::from(to) < at { further } else { self.labels[usize::from(further)] };
            }
            self.program.steps[at].to = to;
        }
    }

    fn begin(&mut self) {
        self.found.clear();
        self.free = FIRST_FREE;
        (self.base, self.items, self.due) = (None, None, None);
    }
}
