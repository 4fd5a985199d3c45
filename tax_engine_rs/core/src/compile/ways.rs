//! Numbers to which several ways lead: conditions and tables.

use super::steps::{calculated, factor, finds};
use super::*;

impl Compiler<'_> {
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
            node if self.fixed_node(index).is_none() && is_condition(node) => {
                let (holds, begins) = (self.label(), self.here().1);
                let (zero, one) = (self.constant(0), self.constant(1));
                self.step(Does::Copy, to, one, 0);
                self.branch(index, true, holds);
                self.step(Does::Copy, to, zero, 0);
                self.place_label(holds);
                let truth = Number { place: one, scale: 0 };
                ends.extend([(begins, truth), (self.here().1 - 1, Number { place: zero, ..truth })]);
            }
            _ => {
                let number = self.number(index);
                self.put(number, to);
                ends.push((self.here().1 - 1, number));
            }
        }
    }

    /// Puts a number at a place by one step, the last one.
    pub(super) fn put(&mut self, number: Number, to: u16) {
        let fresh = self.is_fresh(number);
        match self.parts[self.part].last_mut() {
            Some(last) if fresh => last.to = to,
            _ => self.step(Does::Copy, to, number.place, 0),
        }
    }

    /// Whether the last step alone found a number, for nobody else.
    pub(super) fn is_fresh(&self, number: Number) -> bool {
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

    /// Whether a table's rows hold numbers that the period settles.
    pub(super) fn holds_numbers(&self, table: u16) -> bool {
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

    pub(super) fn pick(&mut self, table: u16) -> Number {
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
}

/// Whether a node is true or false, so that it is found by going one of two ways.
fn is_condition(node: &Node) -> bool {
    use Operator::{And, Equal, Less, LessOrEqual, Or};
    matches!(
        node,
        Node::Not(_)
            | Node::Known(_)
            | Node::ListKnown(_)
            | Node::RowKnown(..)
            | Node::Call(Function::In, _)
            | Node::Binary(And | Or | Equal | Less | LessOrEqual, ..)
    )
}
