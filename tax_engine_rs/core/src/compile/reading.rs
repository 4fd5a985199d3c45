//! What can be told of a node without a deal.

use super::steps::factor;
use super::*;

impl Compiler<'_> {
    /// A condition that the period alone settles.
    pub(super) fn settled(&self, index: u32) -> Option<bool> {
        self.fixed_node(index).map(|(number, _)| number != 0)
    }

    /// The number and scale of a node that the period alone settles.
    pub(super) fn fixed_node(&self, index: u32) -> Option<(i64, u8)> {
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
    pub(super) fn same_everywhere(&self, index: u32) -> bool {
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
    pub(super) fn parts(&self, node: &Node) -> Vec<u32> {
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
    pub(super) fn values(&self, node: &Node) -> Vec<u16> {
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
    pub(super) fn count_uses(&mut self, index: u32) {
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
