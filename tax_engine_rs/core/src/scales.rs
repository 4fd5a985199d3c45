//! Which numbers of a state's law are whole, and in which scale: cents, parts per million, or their product.
//!
//! Found once, when the rules are compiled; [`crate::quick`] computes by them.

use crate::law::*;

/// A number of this scale is a fraction, or not known beforehand.
pub const UNKNOWN: u8 = u8::MAX;
/// Zero is whole in every scale.
pub const ANY: u8 = u8::MAX - 1;

/// In which power of a million each node and value of a state is whole, and which levies are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scales {
    /// Of each node.
    pub nodes: Vec<u8>,
    /// Of each value.
    pub values: Vec<u8>,
    /// Whether the sides of a node must be brought to one scale first.
    pub lifts: Vec<bool>,
    /// Of each base.
    pub bases: Vec<u8>,
    /// Whether a levy can be done in whole numbers.
    pub levies: Vec<bool>,
}

impl Scales {
    /// Finds the scales of a state; the compiler does this, and the pack keeps them.
    pub fn new(state: &State, facts: &[FactSpec], lists: &[List]) -> Scales {
        let mut scales = Scales {
            nodes: vec![UNKNOWN; state.nodes.len()],
            values: vec![UNKNOWN; state.values.len()],
            lifts: vec![true; state.nodes.len()],
            bases: vec![UNKNOWN; state.bases.len()],
            levies: vec![false; state.levies.len()],
        };
        // A value may stand on values behind it, so this goes on until nothing changes.
        loop {
            let before = (scales.nodes.clone(), scales.bases.clone());
            for (place, node) in state.nodes.iter().enumerate() {
                scales.nodes[place] = scales.node(node, state, facts, lists);
            }
            for (place, value) in state.values.iter().enumerate() {
                let rows = value.rows.iter().filter(|row| state.nodes[row.node as usize] != Node::NotKnown);
                scales.values[place] = rows.fold(ANY, |scale, row| same(scale, scales.nodes[row.node as usize]));
            }
            for (place, base) in state.bases.iter().enumerate() {
                let of = |value: &u16| scales.values[usize::from(*value)];
                let items = base.items.iter().map(of).fold(ANY, higher);
                let all = base
                    .credits
                    .iter()
                    .map(of)
                    .chain(base.test.map(|test| scales.nodes[test as usize]))
                    .fold(items, higher);
                // A value test reads the sum of the items as whole cents.
                let whole = base.test.is_none() || matches!(items, 0 | ANY);
                scales.bases[place] = if whole && matches!(all, 0 | 1 | ANY) { all.min(1) } else { UNKNOWN };
            }
            if before == (scales.nodes.clone(), scales.bases.clone()) {
                break;
            }
        }
        for (place, node) in state.nodes.iter().enumerate() {
            let of = |node: &u32| scales.nodes[*node as usize];
            scales.lifts[place] = match node {
                Node::Binary(Operator::Multiply | Operator::And | Operator::Or, ..) => false,
                Node::Binary(_, a, b) => of(a) != of(b) && of(a) != ANY && of(b) != ANY,
                _ => true,
            };
        }
        for (place, levy) in state.levies.iter().enumerate() {
            scales.levies[place] = scales.levy(levy);
        }
        scales
    }

    fn levy(&self, levy: &Levy) -> bool {
        let upto = |node: Option<u32>, most: u8| {
            node.is_none_or(|node| matches!(self.nodes[node as usize], scale if scale <= most || scale == ANY))
        };
        // A base with a fraction of a cent goes straight to its rate.
        let plain = upto(levy.base, 0)
            || upto(levy.base, 1) && levy.amount.is_none() && levy.slice_over.is_none() && levy.slice_to.is_none();
        let running = |running: Running| upto(levy.base, 0) && upto(Some(running.first), 0) && upto(running.credit, 0);
        plain
            && levy.running.is_none_or(running)
            && levy.share.is_none()
            && levy.category != 3
            && upto(levy.when, 0)
            && upto(levy.slice_over, 0)
            && upto(levy.slice_to, 0)
            && upto(levy.rate, 1)
            && upto(levy.amount, 2)
            && upto(levy.most, 2)
            && upto(levy.least, 2)
            && upto(levy.count, 0)
    }

    fn node(&self, node: &Node, state: &State, facts: &[FactSpec], lists: &[List]) -> u8 {
        let of = |node: &u32| self.nodes[*node as usize];
        let of_kind = |kind: FactKind| u8::from(kind == FactKind::Rate);
        match node {
            Node::Whole(0) => ANY,
            Node::PerMillion(_) => 1,
            Node::Fact(fact) | Node::Given(fact) => of_kind(facts[usize::from(*fact)].kind),
            Node::RowField(list, field) | Node::Largest(list, field, _) => {
                of_kind(lists[usize::from(*list)].fields[usize::from(*field)].kind)
            }
            Node::Value(value) => self.values[usize::from(*value)],
            Node::Base(base) => self.bases[usize::from(*base)],
            Node::Table(table) => {
                let table = &state.tables[usize::from(*table)];
                if table.keys.iter().any(|key| !matches!(of(key), 0 | ANY)) {
                    return UNKNOWN;
                }
                let known = table.rows.iter().filter(|(_, node)| state.nodes[*node as usize] != Node::NotKnown);
                known.fold(ANY, |scale, (_, node)| same(scale, of(node)))
            }
            Node::Binary(operator, a, b) => match operator {
                Operator::Add | Operator::Subtract => higher(of(a), of(b)),
                Operator::Multiply => match (of(a), of(b)) {
                    (UNKNOWN, _) | (_, UNKNOWN) => UNKNOWN,
                    (ANY, _) | (_, ANY) => ANY,
                    (a, b) if a + b <= 2 => a + b,
                    _ => UNKNOWN,
                },
                Operator::Divide => UNKNOWN,
                _ if higher(of(a), of(b)) == UNKNOWN => UNKNOWN,
                _ => 0,
            },
            Node::Not(a) if of(a) != UNKNOWN => 0,
            Node::Negative(a) => of(a),
            Node::If(condition, a, b) if of(condition) != UNKNOWN => same(of(a), of(b)),
            Node::Call(function, arguments) => {
                let all = arguments.iter().fold(ANY, |scale, argument| higher(scale, of(argument)));
                match function {
                    _ if all == UNKNOWN => UNKNOWN,
                    Function::Min | Function::Max | Function::Over | Function::Slice => all,
                    Function::In => 0,
                    _ => UNKNOWN,
                }
            }
            Node::Total(_, a) => of(a),
            Node::Whole(_) | Node::Known(_) | Node::ListKnown(_) | Node::RowKnown(..) | Node::Here | Node::LawDate => 0,
            Node::Items | Node::BaseAmount | Node::HomeKnown => 0,
            _ => UNKNOWN,
        }
    }
}

fn same(a: u8, b: u8) -> u8 {
    match (a, b) {
        (ANY, other) | (other, ANY) => other,
        (a, b) if a == b => a,
        _ => UNKNOWN,
    }
}

/// The scale to which both can be brought.
pub fn higher(a: u8, b: u8) -> u8 {
    match (a, b) {
        (UNKNOWN, _) | (_, UNKNOWN) => UNKNOWN,
        (ANY, other) | (other, ANY) => other,
        (a, b) => a.max(b),
    }
}
