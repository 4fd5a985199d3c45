//! Nodes as numbers.

use super::steps::factor;
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

    fn truth(&mut self, index: u32) -> Number {
        let to = self.place();
        self.joined(index, to)
    }

    fn scale_of(&self, fact: u16) -> u8 {
        u8::from(self.pack.facts[usize::from(fact)].kind == FactKind::Rate)
    }

    /// A fact whose number stands at its place without a step.
    fn plain_fact(&self, fact: u16) -> Option<Number> {
        let of_state = self.law.state.defaults.iter().any(|(of, _)| *of == fact);
        let default = self.pack.facts[usize::from(fact)].default;
        let laid = !of_state && matches!(default, Default::Zero | Default::Number(_) | Default::Here);
        let itself = Number { place: fact, scale: self.scale_of(fact) };
        self.known_place(Item::Fact(fact)).or(laid.then_some(itself))
    }

    fn fact(&mut self, fact: u16) -> Number {
        let law = self.law;
        if let Some(itself) = self.plain_fact(fact) {
            return itself;
        }
        let itself = Number { place: fact, scale: self.scale_of(fact) };
        let of_state = law.state.defaults.iter().find(|(of, _)| *of == fact);
        let default = self.pack.facts[usize::from(fact)].default;
        match (of_state, default) {
            (None, Default::Required) => self.step(Does::Need, 0, fact, 0),
            (Some((_, value)), _) if self.settled(self.nodes[usize::from(*value)]).is_some() => {
                let taken = self.value(*value);
                self.taken_for(itself, taken);
            }
            (None, Default::SameAs(other)) if self.plain_fact(other).is_some() => {
                let taken = self.fact(other);
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

    pub(super) fn value(&mut self, value: u16) -> Number {
        let node = self.nodes[usize::from(value)];
        if let Some((number, scale)) = self.fixed_node(node) {
            return Number { place: self.constant(number), scale };
        }
        if self.is_kept(value) { self.kept(Named::Value(value)) } else { self.number(node) }
    }

    fn call(&mut self, function: Function, arguments: &[u32]) -> Number {
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
}
