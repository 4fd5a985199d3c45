//! Sums: bases, and expressions added up over the rows of a list.

use super::*;

impl Compiler<'_> {
    pub(super) fn base(&mut self, base: u16) -> Number {
        let law = self.law;
        let of = &law.state.bases[usize::from(base)];
        let constant = of.items.iter().chain(&of.credits).all(|value| law.state.values[usize::from(*value)].constant)
            && of.test.is_none_or(|test| self.same_everywhere(test));
        if constant && self.base_uses[usize::from(base)] > 1 { self.kept(Named::Base(base)) } else { self.sum(base) }
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
