//! Nodes as numbers.

use super::steps::{calculated, factor, finds};
use super::*;

impl Compiler<'_> {
    /// Where a node's number is found.
    pub(super) fn number(&mut self, index: u32) -> Number {
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
            Node::Table(table) if self.holds_numbers(*table) => self.pick(*table),
            Node::If(condition, a, b) if self.settled(*condition).is_some() => {
                self.number(if self.settled(*condition) == Some(true) { *a } else { *b })
            }
            Node::If(..) | Node::Table(_) => {
                let to = self.place();
                self.joined(index, to)
            }
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

    /// A node's number at one place, whichever way leads to it.
    pub(super) fn joined(&mut self, index: u32, to: u16) -> Number {
        let mut ends = Vec::new();
        self.ways(index, to, &mut ends);
        let scale = ends.iter().map(|(_, number)| number.scale).max().unwrap_or(0);
        for (end, number) in ends.into_iter().rev().filter(|(_, number)| number.scale < scale) {
            let by = factor(scale - number.scale);
            let lifted = self.fixed(number).and_then(|number| calculated(Does::Multiply, number, by));
            let (a, b) = (lifted.map(|lifted| self.constant(lifted)), self.constant(by));
            let part = &mut self.parts[self.part];
            match (part[end].does, a) {
                (Does::Copy, Some(a)) => part[end].a = a,
                (Does::Copy, None) => part[end] = Step { does: Does::Multiply, b, ..part[end] },
                _ => {
                    part.insert(end + 1, Step { does: Does::Multiply, to, a: to, b });
                    let behind = self.labels.iter_mut().filter(|(part, step)| *part == self.part && *step > end);
                    behind.for_each(|(_, step)| *step += 1);
                }
            }
        }
        Number { place: to, scale }
    }

    /// Writes all ways to a node's number; where each ends is its last step.
    fn ways(&mut self, index: u32, to: u16, ends: &mut Vec<(usize, Number)>) {
        let law = self.law;
        match &law.state.nodes[index as usize] {
            Node::If(condition, a, b) => {
                if let Some(holds) = self.settled(*condition) {
                    return self.ways(if holds { *a } else { *b }, to, ends);
                }
                let (other, end) = (self.label(), self.label());
                self.branch(*condition, false, other);
                self.apart(|this| this.ways(*a, to, ends));
                self.step(Does::Jump, end, 0, 0);
                self.place_label(other);
                self.apart(|this| this.ways(*b, to, ends));
                self.place_label(end);
            }
            Node::Table(table) if !self.holds_numbers(*table) => self.table(*table, to, ends),
            Node::Value(value) if !self.is_kept(*value) => self.ways(self.nodes[usize::from(*value)], to, ends),
            _ => {
                let number = self.number(index);
                self.put(number, to);
                ends.push((self.here().1 - 1, number));
            }
        }
    }

    /// Puts a number at a place by one step, the last one.
    fn put(&mut self, number: Number, to: u16) {
        let fresh = self.is_fresh(number);
        match self.parts[self.part].last_mut() {
            Some(last) if fresh => last.to = to,
            _ => self.step(Does::Copy, to, number.place, 0),
        }
    }

    /// Whether the last step alone found a number, for nobody else.
    fn is_fresh(&self, number: Number) -> bool {
        let place = number.place;
        let named = [self.base, self.items, self.due];
        let last = self.parts[self.part].last();
        place >= FIRST_FREE
            && last.is_some_and(|step| step.to == place && finds(step.does))
            && !self.labels.contains(&self.here())
            && !named
                .into_iter()
                .flatten()
                .chain(self.found.iter().map(|(_, number)| *number))
                .any(|n| n.place == place)
    }

    /// A condition as 1 or 0.
    pub(super) fn truth(&mut self, index: u32) -> Number {
        let (to, holds) = (self.place(), self.label());
        let (zero, one) = (self.constant(0), self.constant(1));
        self.step(Does::Copy, to, one, 0);
        self.branch(index, true, holds);
        self.step(Does::Copy, to, zero, 0);
        self.place_label(holds);
        Number { place: to, scale: 0 }
    }

    pub(super) fn known_place(&self, item: Item) -> Option<Number> {
        self.found.iter().find(|(found, _)| *found == item).map(|(_, number)| *number)
    }

    pub(super) fn scale_of(&self, fact: u16) -> u8 {
        u8::from(self.pack.facts[usize::from(fact)].kind == FactKind::Rate)
    }

    pub(super) fn fact(&mut self, fact: u16) -> Number {
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
            (Some((_, value)), _) if self.settled(self.nodes[usize::from(*value)]).is_some() => {
                let taken = self.value(*value);
                self.taken_for(itself, taken);
            }
            _ => {
                let known = self.label();
                self.step(Does::JumpIfKnown, known, fact, 0);
                self.apart(|this| {
                    let taken = this.default_of(of_state.map(|(_, value)| *value), default);
                    this.taken_for(itself, taken);
                });
                self.place_label(known);
            }
        }
        self.found.push((Item::Fact(fact), itself));
        itself
    }

    fn taken_for(&mut self, fact: Number, taken: Number) {
        let taken = self.lifted(taken, fact.scale);
        if taken.scale == fact.scale {
            self.step(Does::Lay, fact.place, taken.place, 0);
        } else {
            self.leave_here();
        }
    }

    /// What an unknown fact is taken for, where that depends on the deal.
    pub(super) fn default_of(&mut self, of_state: Option<u16>, default: Default) -> Number {
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

    pub(super) fn value(&mut self, value: u16) -> Number {
        let node = self.nodes[usize::from(value)];
        if let Some((number, scale)) = self.fixed_node(node) {
            return Number { place: self.constant(number), scale };
        }
        if self.is_kept(value) { self.kept(Named::Value(value)) } else { self.number(node) }
    }

    /// Whether a value is found once: when it is asked often and takes more than a few steps.
    pub(super) fn is_kept(&self, value: u16) -> bool {
        self.law.state.values[usize::from(value)].constant
            && self.value_uses[usize::from(value)] > 1
            && self.size(self.nodes[usize::from(value)], FEW) > FEW
    }

    /// How many nodes there are under a node, up to a few more than `most`.
    pub(super) fn size(&self, index: u32, most: usize) -> usize {
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

    pub(super) fn base(&mut self, base: u16) -> Number {
        let law = self.law;
        let of = &law.state.bases[usize::from(base)];
        let constant = of.items.iter().chain(&of.credits).all(|value| law.state.values[usize::from(*value)].constant)
            && of.test.is_none_or(|test| self.same_everywhere(test));
        if constant && self.base_uses[usize::from(base)] > 1 { self.kept(Named::Base(base)) } else { self.sum(base) }
    }

    /// What is found once: here, where every way to what follows comes by, else when it is first asked, by a part of its own.
    pub(super) fn kept(&mut self, named: Named) -> Number {
        if let Some(number) = self.known_place(Item::Named(named)) {
            return number;
        }
        if self.forked.is_none() && self.lasting == usize::MAX {
            let number = self.for_all(|this| this.of_name(named));
            self.found.push((Item::Named(named), number));
            return number;
        }
        let known = self.kept.iter().find(|(kept, ..)| *kept == named).map(|(_, number, label)| (*number, *label));
        let (number, label) = known.unwrap_or_else(|| {
            let label = self.label();
            let number = self.elsewhere(label, |this| this.part_of(named));
            self.kept.push((named, number, label));
            (number, label)
        });
        self.step(Does::Ensure, label, number.place, 0);
        self.found.push((Item::Named(named), number));
        number
    }

    fn of_name(&mut self, named: Named) -> Number {
        match named {
            Named::Value(value) => self.number(self.nodes[usize::from(value)]),
            Named::Base(base) => self.sum(base),
        }
    }

    /// Steps to be taken from anywhere: they begin with what is found on every way.
    fn part_of(&mut self, named: Named) -> Number {
        let lasting = self.lasting.min(self.forked.unwrap_or(usize::MAX)).min(self.found.len());
        let here = self.found[..lasting].to_vec();
        let outside = (std::mem::replace(&mut self.found, here), self.lasting, self.forked);
        (self.lasting, self.forked) = (usize::MAX, Some(lasting));
        let place = self.kept_place();
        let number = self.for_all(|this| match named {
            Named::Value(value) => this.joined(this.nodes[usize::from(value)], place),
            Named::Base(base) => {
                let sum = this.sum(base);
                this.put(sum, place);
                sum
            }
        });
        self.step(Does::Found, 0, place, 0);
        (self.found, self.lasting, self.forked) = outside;
        Number { place, ..number }
    }

    /// Writes steps whose numbers outlast the levy.
    fn for_all(&mut self, write: impl FnOnce(&mut Self) -> Number) -> Number {
        let outside = (self.for_all, self.base, self.items, self.due);
        self.for_all = true;
        let number = write(self);
        (self.for_all, self.base, self.items, self.due) = outside;
        number
    }

    pub(super) fn sum(&mut self, base: u16) -> Number {
        let law = self.law;
        let of = &law.state.bases[usize::from(base)];
        let items = of.items.iter().map(|item| (*item, false));
        let credits = of.credits.iter().map(|credit| (*credit, true));
        let zero = self.zero();
        let sum = match of.test {
            None => self.added(zero, items.chain(credits)),
            Some(test) => {
                let sum = self.added(zero, items);
                let outside = self.items.replace(sum);
                let tested = self.number(test);
                self.items = outside;
                self.added(tested, credits)
            }
        };
        self.work(Does::Most, sum, zero)
    }

    /// Values added to a number or taken off it; those that are often nothing are then passed by.
    fn added(&mut self, first: Number, values: impl Iterator<Item = (u16, bool)>) -> Number {
        let mut numbers = vec![(first, false)];
        let mut sometimes = Vec::new();
        for (value, minus) in values {
            match self.condition_of(value) {
                Some((condition, wanted, amount)) => sometimes.push((condition, wanted, amount, minus)),
                None => numbers.push(self.signed(value, minus)),
            }
        }
        let scale = numbers.iter().map(|(number, _)| number.scale).max().unwrap_or(0);
        let numbers: Vec<(Number, bool)> =
            numbers.into_iter().map(|(number, minus)| (self.lifted(number, scale), minus)).collect();
        let sum = self.total_of(numbers, scale);
        if sometimes.is_empty() {
            return sum;
        }
        let to = if self.is_fresh(sum) { sum.place } else { self.place() };
        if to != sum.place {
            self.step(Does::Copy, to, sum.place, 0);
        }
        for (condition, wanted, amount, minus) in sometimes {
            let behind = self.label();
            self.apart(|this| {
                this.branch(condition, !wanted, behind);
                let number = this.number(amount);
                let number = this.lifted(number, scale);
                if number.scale != scale {
                    this.leave_here();
                }
                this.step(if minus { Does::Subtract } else { Does::Add }, to, to, number.place);
            });
            self.place_label(behind);
        }
        Number { place: to, scale }
    }

    fn total_of(&mut self, mut numbers: Vec<(Number, bool)>, scale: u8) -> Number {
        numbers.retain(|(number, _)| self.fixed(*number) != Some(0));
        match numbers[..] {
            [] => Number { scale, ..self.zero() },
            [(number, false)] => number,
            [(a, false), (b, minus)] => self.work(if minus { Does::Subtract } else { Does::Add }, a, b),
            _ => {
                let (to, begin) = (self.place(), self.program.terms.len());
                let terms = numbers.iter().map(|(number, minus)| Term { place: number.place, minus: *minus });
                self.program.terms.extend(terms);
                self.step(Does::Total, to, begin as u16, self.program.terms.len() as u16);
                Number { place: to, scale }
            }
        }
    }

    /// A value's number and whether it is taken off; of a negative one the number without its sign.
    fn signed(&mut self, value: u16, minus: bool) -> (Number, bool) {
        let law = self.law;
        match law.state.nodes[self.nodes[usize::from(value)] as usize] {
            Node::Negative(a) if !self.is_kept(value) => (self.number(a), !minus),
            _ => (self.value(value), minus),
        }
    }

    /// Where a value is an amount under a condition and nothing without: condition, what it must be, amount.
    fn condition_of(&self, value: u16) -> Option<(u32, bool, u32)> {
        let law = self.law;
        let nothing = |node: u32| self.fixed_node(node).is_some_and(|(number, _)| number == 0);
        match law.state.nodes[self.nodes[usize::from(value)] as usize] {
            _ if self.is_kept(value) => None,
            Node::Value(value) => self.condition_of(value),
            Node::If(condition, ..) if self.settled(condition).is_some() => None,
            Node::If(condition, a, b) if nothing(b) => Some((condition, true, a)),
            Node::If(condition, a, b) if nothing(a) => Some((condition, false, b)),
            _ => None,
        }
    }

    /// Whether a table's rows hold numbers that the period settles.
    fn holds_numbers(&self, table: u16) -> bool {
        self.law.state.tables[usize::from(table)].rows.iter().all(|(_, node)| self.fixed_node(*node).is_some())
    }

    /// The first place of a table's keys, which lie side by side.
    fn keys(&mut self, table: u16) -> Option<u16> {
        let law = self.law;
        let keys: Vec<Number> = law.state.tables[usize::from(table)].keys.iter().map(|key| self.number(*key)).collect();
        if keys.iter().any(|key| key.scale > 0) {
            return None;
        }
        if let [key] = keys[..] {
            return Some(key.place);
        }
        let first = keys.iter().map(|_| self.place()).min()?;
        for (key, place) in keys.iter().zip(first..) {
            self.step(Does::Copy, place, key.place, 0);
        }
        Some(first)
    }

    fn pick(&mut self, table: u16) -> Number {
        let law = self.law;
        let Some(keys) = self.keys(table) else { return self.leave_here() };
        let rows = &law.state.tables[usize::from(table)].rows;
        let rows: Vec<(i64, u8)> = rows.iter().filter_map(|(_, node)| self.fixed_node(*node)).collect();
        let scale = rows.iter().map(|(_, scale)| *scale).max().unwrap_or(0);
        let lifted: Option<Vec<i64>> = rows.iter().map(|(number, of)| number.checked_mul(factor(scale - of))).collect();
        let Some(lifted) = lifted else { return self.leave_here() };
        let first = CONSTANTS + self.program.constants.len() as u16;
        self.program.constants.extend(lifted);
        let (to, numbers) = (self.place(), self.program.numbers.len() as u16);
        self.program.numbers.push(Numbers { table, keys, first });
        self.step(Does::Pick, to, numbers, 0);
        Number { place: to, scale }
    }

    fn table(&mut self, index: u16, to: u16, ends: &mut Vec<(usize, Number)>) {
        let law = self.law;
        let Some(first) = self.keys(index) else {
            self.leave_here();
            return;
        };
        let end = self.label();
        self.step(Does::Find, 0, first, index);
        let table = &law.state.tables[usize::from(index)];
        let rows: Vec<u16> = table.rows.iter().map(|_| self.label()).collect();
        rows.iter().for_each(|&row| self.step(Does::Jump, row, 0, 0));
        for (row, (_, node)) in rows.iter().zip(&table.rows) {
            self.place_label(*row);
            self.apart(|this| this.ways(*node, to, ends));
            self.step(Does::Jump, end, 0, 0);
        }
        self.place_label(end);
    }

    pub(super) fn call(&mut self, function: Function, arguments: &[u32]) -> Number {
        if let Function::Units(way) | Function::Round(way) = function {
            let x = self.number(arguments[0]);
            let unit = match self.fixed_node(arguments[1]) {
                Some((unit, 0)) if unit > 0 => unit,
                _ => return self.leave_here(),
            };
            let Some(divisor) = unit.checked_mul(factor(x.scale)) else { return self.leave_here() };
            let unit = if let Function::Round(_) = function { unit } else { 1 };
            let (to, rounding) = (self.place(), self.program.roundings.len() as u16);
            self.program.roundings.push(Rounding { divisor, unit, way });
            self.step(Does::Round, to, x.place, rounding);
            return Number { place: to, scale: 0 };
        }
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

    pub(super) fn total(&mut self, list: u8, node: u32) -> Number {
        let (sum, rows, outside) = (self.place(), self.place(), self.place());
        let (zero, one) = (self.constant(0), self.constant(1));
        let (top, end) = (self.label(), self.label());
        self.step(Does::Rows, rows, u16::from(list), 0);
        self.step(Does::Copy, outside, ROW, 0);
        self.step(Does::Copy, ROW, zero, 0);
        self.step(Does::Copy, sum, zero, 0);
        self.place_label(top);
        self.step(Does::JumpUnlessLess, end, ROW, rows);
        let part = self.apart(|this| this.number(node));
        self.step(Does::Add, sum, sum, part.place);
        self.step(Does::Add, ROW, ROW, one);
        self.step(Does::Jump, top, 0, 0);
        self.place_label(end);
        self.step(Does::Copy, ROW, outside, 0);
        Number { place: sum, scale: part.scale }
    }
}
