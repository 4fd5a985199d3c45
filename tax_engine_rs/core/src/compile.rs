//! Writes the law of one period as a [`Program`].

use crate::evaluate::Prepared;
use crate::law::*;
use crate::program::*;
use crate::quote::RANGE;

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

    fn credit(&mut self, index: u16, credit: &TaxCredit) {
        let (exact, next) = (self.label(), self.label());
        self.begin();
        self.step(Does::Try, exact, 0, 0);
        let due = Number { place: self.place(), scale: 0 };
        self.step(Does::Due, next, index, due.place);
        self.due = Some(due);
        if let Some(when) = credit.when {
            self.branch(when, false, next);
        }
        let amount = self.number(credit.amount);
        let zero = self.zero();
        let taken = self.work(Does::Most, amount, zero);
        let divisor = self.constant(factor(taken.scale));
        self.step(Does::Take, divisor, index, taken.place);
        self.exact.push((exact, Does::Credit, index, next));
        self.place_label(next);
    }

    fn levy(&mut self, index: u16) {
        let levy = &self.law.state.levies[usize::from(index)];
        let begun = self.program.steps.len();
        let (exact, next) = (self.label(), self.label());
        self.begin();
        self.step(Does::Try, exact, index, 0);
        if let DateRule::Fact(fact) | DateRule::Payment(fact) = levy.date {
            self.step(Does::Date, 0, fact, 0);
        }
        let in_force = levy.in_force.map_or(Some(true), |value| self.settled(self.nodes[usize::from(value)]));
        let applies = levy.when.map_or(Some(true), |when| self.settled(when));
        match (in_force, applies, levy.date) {
            (Some(false), _, DateRule::Request) | (Some(true), Some(false), DateRule::Request) => {
                return self.program.steps.truncate(begun);
            }
            (Some(false), ..) | (Some(true), Some(false), _) => self.step(Does::Jump, next, 0, 0),
            (Some(true), ..) => self.in_force(index, levy, next),
            // Whether it is in force is not known then.
            (None, ..) => self.step(Does::Leave, 0, 0, 0),
        }
        self.exact.push((exact, Does::Exact, index, next));
        self.place_label(next);
    }

    /// A levy in force: the exact way follows behind, for what is left to it.
    fn in_force(&mut self, index: u16, levy: &Levy, next: u16) {
        let by_row = levy.each.is_some() && levy.when.is_some_and(|when| !self.same_everywhere(when));
        if let Some(when) = levy.when.filter(|_| !by_row) {
            self.branch(when, false, next);
        }
        let Some(list) = levy.each else {
            return self.one(index, levy);
        };
        let (rows, zero, one) = (self.place(), self.constant(0), self.constant(1));
        let (top, next_row) = (self.label(), self.label());
        self.step(Does::Rows, rows, u16::from(list), 0);
        self.step(Does::Copy, ROW, zero, 0);
        self.place_label(top);
        self.step(Does::JumpUnlessLess, next, ROW, rows);
        let found = self.found.len();
        if let Some(when) = levy.when.filter(|_| by_row) {
            self.branch(when, false, next_row);
        }
        self.one(index, levy);
        self.found.truncate(found);
        self.place_label(next_row);
        self.step(Does::Add, ROW, ROW, one);
        self.step(Does::Jump, top, 0, 0);
    }

    fn one(&mut self, index: u16, levy: &Levy) {
        if levy.category == RANGE {
            return self.step(Does::Leave, 0, 0, 0);
        }
        let one = Number { place: self.constant(1), scale: 0 };
        let count = match levy.count {
            Some(count) => self.number(count),
            None => one,
        };
        if count.scale != 0 {
            return self.step(Does::Leave, 0, 0, 0);
        }
        self.jump(Does::JumpIfLess, self.leave, count, one);
        if let DateRule::Payment(_) = levy.date {
            let last = self.last_payment(levy);
            let last = self.constant(last);
            self.step(Does::Payments, 0, count.place, last);
        }
        let base = match levy.base {
            Some(base) => self.number(base),
            None => self.zero(),
        };
        if let Some(running) = levy.running {
            return self.running(index, levy, running, base, count.place);
        }
        self.base = Some(base);
        let mut sliced = base;
        if levy.slice_over.is_some() || levy.slice_to.is_some() {
            let zero = self.zero();
            let over = levy.slice_over.map_or(zero, |over| self.number(over));
            if let Some(to) = levy.slice_to {
                let to = self.number(to);
                sliced = self.work(Does::Least, sliced, to);
            }
            sliced = self.work(Does::Subtract, sliced, over);
            sliced = self.work(Does::Most, sliced, zero);
        }
        self.charge(index, levy, sliced, count.place);
    }

    /// The last day on which a payment's law is the same: no value that it reads changes before.
    fn last_payment(&self, levy: &Levy) -> i64 {
        let law = self.law;
        let mut seen = vec![false; law.state.values.len()];
        let mut ahead: Vec<u32> = slots_of_payment(levy).into_iter().flatten().collect();
        let mut last = i64::MAX;
        while let Some(index) = ahead.pop() {
            let node = &law.state.nodes[index as usize];
            ahead.extend(self.parts(node));
            for value in
                self.values(node).into_iter().filter(|value| !std::mem::replace(&mut seen[usize::from(*value)], true))
            {
                ahead.push(self.nodes[usize::from(value)]);
                last = last.min(law.last_day(self.era, value));
            }
        }
        last
    }

    fn running(&mut self, index: u16, levy: &Levy, running: Running, payment: Number, count: u16) {
        let zero = self.zero();
        self.base = None;
        let credit = running.credit.map_or(zero, |credit| self.number(credit));
        let first = self.number(running.first);
        let over = levy.slice_over.map_or(zero, |over| self.number(over));
        let to = levy.slice_to.map(|to| self.number(to));
        if [payment, credit, first, over].into_iter().chain(to).any(|number| number.scale > 0) {
            return self.step(Does::Leave, 0, 0, 0);
        }
        let charged = (self.place(), self.place());
        let (steps, behind) = (self.label(), self.label());
        let place = self.program.running.len() as u16;
        self.program.running.push(RunningSum {
            first: first.place,
            credit: credit.place,
            payment: payment.place,
            count,
            slice: (over.place, to.map(|to| to.place)),
            charged,
            steps,
        });
        self.step(Does::Running, 0, place, 0);
        self.step(Does::Jump, behind, 0, 0);
        self.place_label(steps);
        self.charge(index, levy, Number { place: charged.0, scale: 0 }, charged.1);
        self.step(Does::End, 0, 0, 0);
        self.place_label(behind);
    }

    /// Share, rate, bounds and rounding on a base that is already sliced.
    fn charge(&mut self, index: u16, levy: &Levy, sliced: Number, count: u16) {
        let mut base = sliced;
        self.base = Some(base);
        if let Some(share) = levy.share {
            let share = self.number(share);
            base = self.work(Does::Multiply, base, share);
            self.base = Some(base);
        }
        let rate = levy.rate.map(|rate| {
            let number = self.number(rate);
            self.lifted(number, 1)
        });
        let mut tax = match (levy.amount, rate) {
            (Some(amount), _) => self.number(amount),
            (None, Some(rate)) => self.work(Does::Multiply, base, rate),
            (None, None) => base,
        };
        for (bound, keep) in [(levy.most, Does::Least), (levy.least, Does::Most)] {
            if let Some(bound) = bound {
                let bound = self.number(bound);
                tax = self.work(keep, tax, bound);
            }
        }
        let divisor = levy.round_unit.checked_mul(factor(tax.scale));
        let (Some(divisor), None | Some(1)) = (divisor, rate.map(|rate| rate.scale)) else {
            return self.step(Does::Leave, 0, 0, 0);
        };
        let line = Charge {
            levy: index,
            due: levy.due,
            each: levy.each.is_some(),
            base: (base.place, factor(base.scale)),
            rate: rate.map(|rate| rate.place),
            tax: tax.place,
            divisor,
            unit: levy.round_unit,
            way: levy.round_way,
            count,
        };
        self.step(Does::Line, 0, self.program.charges.len() as u16, 0);
        self.program.charges.push(line);
    }

    fn step(&mut self, does: Does, to: u16, a: u16, b: u16) {
        self.program.steps.push(Step { does, to, a, b });
    }

    fn label(&mut self) -> u16 {
        self.labels.push(0);
        (self.labels.len() - 1) as u16
    }

    fn place_label(&mut self, label: u16) {
        self.labels[usize::from(label)] = self.program.steps.len() as u16;
    }

    fn place(&mut self) -> u16 {
        if self.for_all {
            return self.kept_place();
        }
        self.free = self.free.saturating_add(1);
        self.free - 1
    }

    fn kept_place(&mut self) -> u16 {
        self.end = self.end.saturating_sub(1);
        self.end
    }

    fn constant(&mut self, number: i64) -> u16 {
        let constants = &mut self.program.constants;
        let at = constants.iter().position(|known| *known == number).unwrap_or_else(|| {
            constants.push(number);
            constants.len() - 1
        });
        CONSTANTS + at as u16
    }

    fn zero(&mut self) -> Number {
        Number { place: self.constant(0), scale: 0 }
    }

    /// The number at a place, where it is a constant.
    fn fixed(&self, number: Number) -> Option<i64> {
        self.program.constants.get(usize::from(number.place.checked_sub(CONSTANTS)?)).copied()
    }

    /// A number of two others, brought to one scale unless they are multiplied.
    fn work(&mut self, does: Does, a: Number, b: Number) -> Number {
        let (a, b, scale) = if does == Does::Multiply {
            (a, b, a.scale + b.scale)
        } else {
            let (a, b) = self.alike(a, b);
            (a, b, a.scale)
        };
        if scale > MOST_SCALE {
            return self.leave_here();
        }
        let number = match (self.fixed(a), self.fixed(b), does) {
            (Some(a), Some(b), _) => calculated(does, a, b),
            (_, Some(0), Does::Add | Does::Subtract) => return a,
            (Some(0), _, Does::Add) => return b,
            (Some(0), _, Does::Multiply) | (_, Some(0), Does::Multiply) => Some(0),
            (_, Some(1), Does::Multiply) => return Number { scale, ..a },
            _ => None,
        };
        if let Some(number) = number {
            return Number { place: self.constant(number), scale };
        }
        let to = self.place();
        self.step(does, to, a.place, b.place);
        Number { place: to, scale }
    }

    fn alike(&mut self, a: Number, b: Number) -> (Number, Number) {
        let scale = a.scale.max(b.scale);
        (self.lifted(a, scale), self.lifted(b, scale))
    }

    fn lifted(&mut self, number: Number, scale: u8) -> Number {
        if number.scale >= scale {
            return number;
        }
        let by = Number { place: self.constant(factor(scale - number.scale)), scale: scale - number.scale };
        self.work(Does::Multiply, number, by)
    }

    /// A jump to a label on two numbers, settled here where both are constants.
    fn jump(&mut self, does: Does, label: u16, a: Number, b: Number) {
        let (a, b) = self.alike(a, b);
        match (self.fixed(a), self.fixed(b)) {
            (Some(a), Some(b)) => {
                let holds = match does {
                    Does::JumpIfEqual => a == b,
                    Does::JumpUnlessEqual => a != b,
                    Does::JumpIfLess => a < b,
                    _ => a >= b,
                };
                if holds {
                    self.step(Does::Jump, label, 0, 0);
                }
            }
            _ => self.step(does, label, a.place, b.place),
        }
    }

    fn leave_here(&mut self) -> Number {
        self.step(Does::Leave, 0, 0, 0);
        self.zero()
    }

    /// Where a node's number is found.
    fn number(&mut self, index: u32) -> Number {
        let law = self.law;
        if let Some((number, scale)) = self.fixed_node(index) {
            return Number { place: self.constant(number), scale };
        }
        match &law.state.nodes[index as usize] {
            Node::Fact(fact) => self.fact(*fact),
            Node::Given(fact) => {
                let given = self.label();
                self.step(Does::JumpIfKnown, given, *fact, 0);
                self.step(Does::Leave, 0, 0, 0);
                self.place_label(given);
                Number { place: *fact, scale: self.scale_of(*fact) }
            }
            Node::Value(value) => self.value(*value),
            Node::Base(base) => self.base(*base),
            Node::Table(table) => self.table(*table),
            Node::Binary(operator, a, b) => {
                let does = match operator {
                    Operator::Add => Does::Add,
                    Operator::Subtract => Does::Subtract,
                    Operator::Multiply => Does::Multiply,
                    Operator::Divide => return self.leave_here(),
                    _ => return self.truth(index),
                };
                let (a, b) = (self.number(*a), self.number(*b));
                self.work(does, a, b)
            }
            Node::Negative(a) => {
                let (zero, a) = (self.zero(), self.number(*a));
                self.work(Does::Subtract, zero, a)
            }
            Node::If(condition, a, b) => {
                let (to, other, end) = (self.place(), self.label(), self.label());
                self.branch(*condition, false, other);
                let first = self.arm(*a, to);
                self.step(Does::Jump, end, 0, 0);
                self.place_label(other);
                let second = self.arm(*b, to);
                self.place_label(end);
                self.joined(to, &[first, second])
            }
            Node::Call(Function::In, _) => self.truth(index),
            Node::Call(function, arguments) => self.call(*function, arguments),
            Node::Total(list, a) => self.total(*list, *a),
            Node::RowField(list, field) => {
                let to = self.place();
                self.step(Does::RowField, to, u16::from(*list), u16::from(*field));
                let kind = self.pack.lists[usize::from(*list)].fields[usize::from(*field)].kind;
                Number { place: to, scale: u8::from(kind == FactKind::Rate) }
            }
            Node::LawDate => Number { place: LAW_DATE, scale: 0 },
            Node::Items => self.items.unwrap_or_else(|| self.leave_here()),
            Node::BaseAmount => self.base.unwrap_or_else(|| self.leave_here()),
            Node::Due => self.due.unwrap_or_else(|| self.leave_here()),
            Node::HomeKnown | Node::HomeTax => {
                let does =
                    if law.state.nodes[index as usize] == Node::HomeTax { Does::HomeTax } else { Does::HomeKnown };
                let (home, to) = (self.fact(self.pack.residence), self.place());
                self.step(does, to, home.place, 0);
                Number { place: to, scale: 0 }
            }
            Node::Not(_) | Node::Known(_) | Node::ListKnown(_) | Node::RowKnown(..) => self.truth(index),
            _ => self.leave_here(),
        }
    }

    /// One of several ways to a number: what it finds on the way is not found on the others. Gives its last step too.
    fn arm(&mut self, node: u32, to: u16) -> (usize, Number) {
        let found = self.found.len();
        let number = self.number(node);
        self.step(Does::Copy, to, number.place, 0);
        self.found.truncate(found);
        (self.program.steps.len() - 1, number)
    }

    /// Brings what several ways found to one scale.
    fn joined(&mut self, to: u16, arms: &[(usize, Number)]) -> Number {
        let scale = arms.iter().map(|(_, number)| number.scale).max().unwrap_or(0);
        for &(step, number) in arms.iter().filter(|(_, number)| number.scale < scale) {
            let by = factor(scale - number.scale);
            let lifted = self.fixed(number).and_then(|number| calculated(Does::Multiply, number, by));
            self.program.steps[step] = match lifted {
                Some(number) => Step { does: Does::Copy, to, a: self.constant(number), b: 0 },
                None => Step { does: Does::Multiply, to, a: number.place, b: self.constant(by) },
            };
        }
        Number { place: to, scale }
    }

    /// A condition as 1 or 0.
    fn truth(&mut self, index: u32) -> Number {
        let (to, holds) = (self.place(), self.label());
        let (zero, one) = (self.constant(0), self.constant(1));
        self.step(Does::Copy, to, one, 0);
        self.branch(index, true, holds);
        self.step(Does::Copy, to, zero, 0);
        self.place_label(holds);
        Number { place: to, scale: 0 }
    }

    fn known_place(&self, item: Item) -> Option<Number> {
        self.found.iter().find(|(found, _)| *found == item).map(|(_, number)| *number)
    }

    fn scale_of(&self, fact: u16) -> u8 {
        u8::from(self.pack.facts[usize::from(fact)].kind == FactKind::Rate)
    }

    fn fact(&mut self, fact: u16) -> Number {
        let law = self.law;
        if let Some(number) = self.known_place(Item::Fact(fact)) {
            return number;
        }
        let itself = Number { place: fact, scale: self.scale_of(fact) };
        let of_state = law.state.defaults.iter().find(|(of, _)| *of == fact);
        let default = self.pack.facts[usize::from(fact)].default;
        match (of_state, default) {
            (None, Default::Zero | Default::Number(_) | Default::Here) => return itself,
            (None, Default::Required) => self.step(Does::Need, 0, fact, 0),
            _ => {
                let (known, found) = (self.label(), self.found.len());
                self.step(Does::JumpIfKnown, known, fact, 0);
                let taken = self.default_of(of_state.map(|(_, value)| *value), default);
                let taken = self.lifted(taken, itself.scale);
                if taken.scale == itself.scale {
                    self.step(Does::Lay, fact, taken.place, 0);
                } else {
                    self.leave_here();
                }
                self.found.truncate(found);
                self.place_label(known);
            }
        }
        self.found.push((Item::Fact(fact), itself));
        itself
    }

    /// What an unknown fact is taken for, where that depends on the deal.
    fn default_of(&mut self, of_state: Option<u16>, default: Default) -> Number {
        if let Some(value) = of_state {
            return self.value(value);
        }
        let to = self.place();
        match default {
            Default::LawDate => return Number { place: REQUEST_DATE, scale: 0 },
            Default::SameAs(other) => return self.fact(other),
            Default::RowsOf(list) => self.step(Does::RowsOrOne, to, u16::from(list), 0),
            Default::SumOf(list, field) => {
                self.step(Does::Sum, to, u16::from(list), u16::from(field));
                let kind = self.pack.lists[usize::from(list)].fields[usize::from(field)].kind;
                return Number { place: to, scale: u8::from(kind == FactKind::Rate) };
            }
            _ => return self.leave_here(),
        }
        Number { place: to, scale: 0 }
    }

    fn value(&mut self, value: u16) -> Number {
        let node = self.nodes[usize::from(value)];
        if let Some((number, scale)) = self.fixed_node(node) {
            return Number { place: self.constant(number), scale };
        }
        if self.is_kept(value) { self.kept(Item::Value(value)) } else { self.number(node) }
    }

    /// Whether a value is found once: when it is asked often and takes more than a few steps.
    fn is_kept(&self, value: u16) -> bool {
        self.law.state.values[usize::from(value)].constant
            && self.value_uses[usize::from(value)] > 1
            && self.size(self.nodes[usize::from(value)], FEW) > FEW
    }

    /// How many nodes there are under a node, up to a few more than `most`.
    fn size(&self, index: u32, most: usize) -> usize {
        if self.fixed_node(index).is_some() {
            return 0;
        }
        let node = &self.law.state.nodes[index as usize];
        let of_values = self.values(node).into_iter().map(|value| self.nodes[usize::from(value)]);
        let mut size = 1;
        for part in self.parts(node).into_iter().chain(of_values) {
            size += self.size(part, most);
            if size > most {
                break;
            }
        }
        size
    }

    fn base(&mut self, base: u16) -> Number {
        let law = self.law;
        let of = &law.state.bases[usize::from(base)];
        let constant = of.items.iter().chain(&of.credits).all(|value| law.state.values[usize::from(*value)].constant)
            && of.test.is_none_or(|test| self.same_everywhere(test));
        if constant && self.base_uses[usize::from(base)] > 1 { self.kept(Item::Base(base)) } else { self.sum(base) }
    }

    /// What is found when it is first asked, by steps that stand where it was first named.
    fn kept(&mut self, item: Item) -> Number {
        if let Some(number) = self.known_place(item) {
            return number;
        }
        let known = self.kept.iter().find(|(kept, ..)| *kept == item).map(|(_, number, label)| (*number, *label));
        let (number, label) = known.unwrap_or_else(|| {
            let (label, behind) = (self.label(), self.label());
            self.step(Does::Jump, behind, 0, 0);
            self.place_label(label);
            let outside = (std::mem::take(&mut self.found), self.for_all, self.base, self.items, self.due);
            self.for_all = true;
            let number = match item {
                Item::Value(value) => self.number(self.nodes[usize::from(value)]),
                Item::Base(base) => self.sum(base),
                Item::Fact(fact) => self.fact(fact),
            };
            let place = self.kept_place();
            self.step(Does::Found, 0, place, number.place);
            (self.found, self.for_all, self.base, self.items, self.due) = outside;
            self.place_label(behind);
            let number = Number { place, ..number };
            self.kept.push((item, number, label));
            (number, label)
        });
        self.step(Does::Ensure, label, number.place, 0);
        self.found.push((item, number));
        number
    }

    fn sum(&mut self, base: u16) -> Number {
        let law = self.law;
        let of = &law.state.bases[usize::from(base)];
        let zero = self.zero();
        let mut sum = zero;
        for &item in &of.items {
            let number = self.value(item);
            sum = self.work(Does::Add, sum, number);
        }
        if let Some(test) = of.test {
            let outside = self.items.replace(sum);
            sum = self.number(test);
            self.items = outside;
        }
        for &credit in &of.credits {
            let number = self.value(credit);
            sum = self.work(Does::Subtract, sum, number);
        }
        self.work(Does::Most, sum, zero)
    }

    fn table(&mut self, index: u16) -> Number {
        let table = &self.law.state.tables[usize::from(index)];
        let to = self.place();
        let keys: Vec<Number> = table.keys.iter().map(|key| self.number(*key)).collect();
        if keys.iter().any(|key| key.scale > 0) {
            return self.leave_here();
        }
        let places: Vec<u16> = keys.iter().map(|_| self.place()).collect();
        let first = places.into_iter().min().unwrap_or(to);
        for (key, place) in keys.iter().zip(first..) {
            self.step(Does::Copy, place, key.place, 0);
        }
        let end = self.label();
        self.step(Does::Find, 0, first, index);
        let rows: Vec<u16> = table.rows.iter().map(|_| self.label()).collect();
        rows.iter().for_each(|&row| self.step(Does::Jump, row, 0, 0));
        let mut arms = Vec::new();
        for (row, (_, node)) in rows.iter().zip(&table.rows) {
            self.place_label(*row);
            arms.push(self.arm(*node, to));
            self.step(Does::Jump, end, 0, 0);
        }
        self.place_label(end);
        self.joined(to, &arms)
    }

    fn call(&mut self, function: Function, arguments: &[u32]) -> Number {
        if !matches!(function, Function::Min | Function::Max | Function::Over | Function::Slice) {
            return self.leave_here();
        }
        let x: Vec<Number> = arguments.iter().map(|argument| self.number(*argument)).collect();
        match function {
            Function::Min => x[1..].iter().fold(x[0], |best, other| self.work(Does::Least, best, *other)),
            Function::Max => x[1..].iter().fold(x[0], |best, other| self.work(Does::Most, best, *other)),
            _ => {
                let to = if function == Function::Slice { self.work(Does::Least, x[0], x[2]) } else { x[0] };
                let part = self.work(Does::Subtract, to, x[1]);
                let zero = self.zero();
                self.work(Does::Most, part, zero)
            }
        }
    }

    fn total(&mut self, list: u8, node: u32) -> Number {
        let (sum, rows, outside) = (self.place(), self.place(), self.place());
        let (zero, one) = (self.constant(0), self.constant(1));
        let (top, end) = (self.label(), self.label());
        let found = self.found.len();
        self.step(Does::Rows, rows, u16::from(list), 0);
        self.step(Does::Copy, outside, ROW, 0);
        self.step(Does::Copy, ROW, zero, 0);
        self.step(Does::Copy, sum, zero, 0);
        self.place_label(top);
        self.step(Does::JumpUnlessLess, end, ROW, rows);
        let part = self.number(node);
        self.step(Does::Add, sum, sum, part.place);
        self.step(Does::Add, ROW, ROW, one);
        self.step(Does::Jump, top, 0, 0);
        self.place_label(end);
        self.step(Does::Copy, ROW, outside, 0);
        self.found.truncate(found);
        Number { place: sum, scale: part.scale }
    }

    /// Goes to a label when a condition is as `wanted`, else on. What it leaves as found is found on both ways.
    fn branch(&mut self, index: u32, wanted: bool, label: u16) {
        let law = self.law;
        if let Some(holds) = self.settled(index) {
            if holds == wanted {
                self.step(Does::Jump, label, 0, 0);
            }
            return;
        }
        let pick = |holds: Does, fails: Does| if wanted { holds } else { fails };
        match &law.state.nodes[index as usize] {
            Node::Not(a) => self.branch(*a, !wanted, label),
            Node::Binary(operator @ (Operator::And | Operator::Or), a, b) => {
                let decides = *operator == Operator::Or;
                let behind = self.label();
                self.branch(*a, decides, if wanted == decides { label } else { behind });
                let found = self.found.len();
                self.branch(*b, wanted, label);
                self.found.truncate(found);
                self.place_label(behind);
            }
            Node::Binary(operator @ (Operator::Equal | Operator::Less | Operator::LessOrEqual), a, b) => {
                let (a, b) = (self.number(*a), self.number(*b));
                match operator {
                    Operator::Equal => self.jump(pick(Does::JumpIfEqual, Does::JumpUnlessEqual), label, a, b),
                    Operator::Less => self.jump(pick(Does::JumpIfLess, Does::JumpUnlessLess), label, a, b),
                    _ => self.jump(pick(Does::JumpUnlessLess, Does::JumpIfLess), label, b, a),
                }
            }
            Node::Known(fact) => self.step(pick(Does::JumpIfKnown, Does::JumpUnlessKnown), label, *fact, 0),
            Node::ListKnown(list) => {
                self.step(pick(Does::JumpIfListKnown, Does::JumpUnlessListKnown), label, u16::from(*list), 0);
            }
            Node::RowKnown(list, field) => {
                let does = pick(Does::JumpIfRowKnown, Does::JumpUnlessRowKnown);
                self.step(does, label, u16::from(*list), u16::from(*field));
            }
            Node::Call(Function::In, arguments) => {
                let behind = self.label();
                let x = self.number(arguments[0]);
                let found = self.found.len();
                for &argument in &arguments[1..] {
                    let one = self.number(argument);
                    self.jump(Does::JumpIfEqual, if wanted { label } else { behind }, x, one);
                    self.found.truncate(found);
                }
                if !wanted {
                    self.step(Does::Jump, label, 0, 0);
                }
                self.place_label(behind);
            }
            Node::If(condition, a, b) => {
                let (other, behind) = (self.label(), self.label());
                self.branch(*condition, false, other);
                let found = self.found.len();
                self.branch(*a, wanted, label);
                self.step(Does::Jump, behind, 0, 0);
                self.found.truncate(found);
                self.place_label(other);
                self.branch(*b, wanted, label);
                self.found.truncate(found);
                self.place_label(behind);
            }
            Node::Value(value) if !self.is_kept(*value) => {
                self.branch(self.nodes[usize::from(*value)], wanted, label);
            }
            _ => {
                let (number, zero) = (self.number(index), self.zero());
                self.jump(pick(Does::JumpUnlessEqual, Does::JumpIfEqual), label, number, zero);
            }
        }
    }

    /// A condition that the period alone settles.
    fn settled(&self, index: u32) -> Option<bool> {
        self.fixed_node(index).map(|(number, _)| number != 0)
    }

    /// The number and scale of a node that the period alone settles.
    fn fixed_node(&self, index: u32) -> Option<(i64, u8)> {
        let law = self.law;
        match &law.state.nodes[index as usize] {
            Node::Whole(number) => Some((*number, 0)),
            Node::PerMillion(number) => Some((*number, 1)),
            Node::Here => Some((law.state.code, 0)),
            Node::Value(value) => self.fixed_node(self.nodes[usize::from(*value)]),
            Node::Not(a) => Some((i64::from(!self.settled(*a)?), 0)),
            Node::Negative(a) => self.fixed_node(*a).map(|(number, scale)| (-number, scale)),
            Node::If(condition, a, b) => self.fixed_node(if self.settled(*condition)? { *a } else { *b }),
            Node::Binary(Operator::And, a, b) => Some((i64::from(self.settled(*a)? && self.settled(*b)?), 0)),
            Node::Binary(Operator::Or, a, b) => Some((i64::from(self.settled(*a)? || self.settled(*b)?), 0)),
            Node::Binary(operator, a, b) => {
                let ((a, of_a), (b, of_b)) = (self.fixed_node(*a)?, self.fixed_node(*b)?);
                if let Operator::Multiply = operator {
                    let product = (a.checked_mul(b)?, of_a + of_b);
                    return Some(product).filter(|(_, scale)| *scale <= MOST_SCALE);
                }
                let scale = of_a.max(of_b);
                let (a, b) = (a.checked_mul(factor(scale - of_a))?, b.checked_mul(factor(scale - of_b))?);
                match operator {
                    Operator::Add => Some((a.checked_add(b)?, scale)),
                    Operator::Subtract => Some((a.checked_sub(b)?, scale)),
                    Operator::Equal => Some((i64::from(a == b), 0)),
                    Operator::Less => Some((i64::from(a < b), 0)),
                    Operator::LessOrEqual => Some((i64::from(a <= b), 0)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Whether a node is the same wherever it is asked in one deal.
    fn same_everywhere(&self, index: u32) -> bool {
        let law = self.law;
        match &law.state.nodes[index as usize] {
            Node::RowField(..) | Node::RowKnown(..) | Node::BaseAmount | Node::Tax | Node::Due => false,
            Node::Total(..) | Node::Largest(..) => true,
            node => {
                self.parts(node).into_iter().all(|part| self.same_everywhere(part))
                    && self.values(node).into_iter().all(|value| law.state.values[usize::from(value)].constant)
            }
        }
    }

    /// The nodes of which a node is made, values apart.
    fn parts(&self, node: &Node) -> Vec<u32> {
        let state = &self.law.state;
        match node {
            Node::Binary(_, a, b) => vec![*a, *b],
            Node::Not(a) | Node::Negative(a) | Node::Total(_, a) | Node::Marginal(_, a) | Node::Largest(_, _, a) => {
                vec![*a]
            }
            Node::If(condition, a, b) => vec![*condition, *a, *b],
            Node::Call(_, arguments) => arguments.clone(),
            Node::Table(table) => {
                let table = &state.tables[usize::from(*table)];
                table.keys.iter().copied().chain(table.rows.iter().map(|(_, node)| *node)).collect()
            }
            Node::Base(base) => state.bases[usize::from(*base)].test.into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// The values that a node names itself.
    fn values(&self, node: &Node) -> Vec<u16> {
        let state = &self.law.state;
        match node {
            Node::Value(value) => vec![*value],
            Node::Base(base) => {
                let base = &state.bases[usize::from(*base)];
                base.items.iter().chain(&base.credits).copied().collect()
            }
            Node::Fact(fact) => {
                let own = state.defaults.iter().filter(|(of, _)| of == fact);
                own.map(|(_, value)| *value).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Counts how often values and bases are named under a node; what is named again is not gone through again.
    fn count_uses(&mut self, index: u32) {
        let law = self.law;
        if self.fixed_node(index).is_some() {
            return;
        }
        let node = &law.state.nodes[index as usize];
        if let Node::Base(base) = node {
            let uses = &mut self.base_uses[usize::from(*base)];
            *uses += 1;
            if *uses > 1 {
                return;
            }
        }
        self.parts(node).into_iter().for_each(|part| self.count_uses(part));
        for value in self.values(node) {
            let uses = &mut self.value_uses[usize::from(value)];
            *uses += 1;
            if *uses == 1 {
                self.count_uses(self.nodes[usize::from(value)]);
            }
        }
    }
}

/// What a levy's lines are made of.
fn slots(levy: &Levy) -> [Option<u32>; 12] {
    let [base, over, to, share, rate, amount, most, least] = slots_of_payment(levy);
    let first = levy.running.map(|running| running.first);
    let credit = levy.running.and_then(|running| running.credit);
    [levy.when, levy.count, first, credit, base, over, to, share, rate, amount, most, least]
}

/// What of these is asked again for each payment.
fn slots_of_payment(levy: &Levy) -> [Option<u32>; 8] {
    let slice = (levy.slice_over, levy.slice_to);
    [levy.base, slice.0, slice.1, levy.share, levy.rate, levy.amount, levy.most, levy.least]
}

/// Whether a step names another one to go on with.
fn jumps(does: Does) -> bool {
    matches!(
        does,
        Does::Jump
            | Does::JumpIfEqual
            | Does::JumpUnlessEqual
            | Does::JumpIfLess
            | Does::JumpUnlessLess
            | Does::JumpIfKnown
            | Does::JumpUnlessKnown
            | Does::JumpIfListKnown
            | Does::JumpUnlessListKnown
            | Does::JumpIfRowKnown
            | Does::JumpUnlessRowKnown
            | Does::Ensure
            | Does::Try
            | Does::Due
    )
}

fn calculated(does: Does, a: i64, b: i64) -> Option<i64> {
    match does {
        Does::Add => a.checked_add(b),
        Does::Subtract => a.checked_sub(b),
        Does::Multiply => a.checked_mul(b),
        Does::Least => Some(a.min(b)),
        Does::Most => Some(a.max(b)),
        _ => None,
    }
}

/// A million to the power of a scale.
fn factor(scale: u8) -> i64 {
    match scale {
        0 => 1,
        1 => MILLION,
        _ => MILLION * MILLION,
    }
}
