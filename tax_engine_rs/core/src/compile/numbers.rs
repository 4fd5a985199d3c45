//! Nodes as numbers.

use super::steps::{calculated, factor};
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
    pub(super) fn arm(&mut self, node: u32, to: u16) -> (usize, Number) {
        let found = self.found.len();
        let number = self.number(node);
        self.step(Does::Copy, to, number.place, 0);
        self.found.truncate(found);
        (self.program.steps.len() - 1, number)
    }

    /// Brings what several ways found to one scale.
    pub(super) fn joined(&mut self, to: u16, arms: &[(usize, Number)]) -> Number {
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
        if self.is_kept(value) { self.kept(Item::Value(value)) } else { self.number(node) }
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
        if constant && self.base_uses[usize::from(base)] > 1 { self.kept(Item::Base(base)) } else { self.sum(base) }
    }

    /// What is found when it is first asked, by steps that stand where it was first named.
    pub(super) fn kept(&mut self, item: Item) -> Number {
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

    pub(super) fn sum(&mut self, base: u16) -> Number {
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

    pub(super) fn table(&mut self, index: u16) -> Number {
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

    pub(super) fn call(&mut self, function: Function, arguments: &[u32]) -> Number {
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
}
