//! Which facts a deal's law asks: the same expressions, walked with "unknown" as a possible answer.
//!
//! A fact that is unknown and has no default makes what hangs on it unknown; then both ways of a condition are walked.

use crate::evaluate::Evaluation;
use crate::facts::Facts;
use crate::law::*;
use crate::prepared::Prepared;
use crate::question::{LIST_ARGUMENT, Question, Stop};
use crate::scratch::Scratch;
use alloc::{vec, vec::Vec};

/// One walk over a state's law.
pub struct Needs<'a> {
    question: Question<'a>,
    pack: &'a Pack,
    law: &'a Prepared,
    facts: &'a Facts,
    date: i64,
    scratch: Scratch,
    asked: Vec<(i64, bool)>,
    seen: Vec<bool>,
    /// The kind of deal, as a bit.
    kind: u8,
}

impl<'a> Needs<'a> {
    /// Starts a walk.
    pub fn new(question: Question<'a>, facts: &'a Facts) -> Needs<'a> {
        let Question { pack, law, date, kind, .. } = question;
        let seen = vec![false; law.state.nodes.len()];
        let (scratch, asked) = (Scratch::default(), Vec::new());
        Needs { question, pack, law, facts, date, scratch, asked, seen, kind: 1 << kind }
    }

    /// The facts asked, in the order in which the law names them; whether each is required.
    pub fn all(mut self) -> Vec<(i64, bool)> {
        let (law, kind) = (self.law, self.question.kind);
        for levy in law.state.levies.iter().filter(|levy| levy.kind >> kind & 1 == 1) {
            if let DateRule::Fact(fact) | DateRule::Payment(fact) = levy.date {
                self.ask(i64::from(fact), false);
            }
            if let Some(in_force) = levy.in_force
                && self.settled(self.row_node(in_force)) == Some(false)
            {
                continue;
            }
            if let Some(when) = levy.when {
                self.walk(when);
                if self.settled(when) == Some(false) {
                    continue;
                }
            }
            if let Some(list) = levy.each {
                self.ask_list(list);
            }
            let running = levy.running.map(|running| (Some(running.first), running.credit));
            let (first, credit) = running.unwrap_or((None, None));
            let slots = [
                levy.base,
                levy.slice_over,
                levy.slice_to,
                levy.share,
                levy.rate,
                levy.amount,
                levy.most,
                levy.least,
                levy.count,
                first,
                credit,
            ];
            for node in slots.into_iter().flatten() {
                self.walk(node);
            }
        }
        for credit in law.state.credits.iter().filter(|credit| credit.kind >> kind & 1 == 1) {
            if let Some(when) = credit.when {
                self.walk(when);
                if self.settled(when) == Some(false) {
                    continue;
                }
            }
            self.walk(credit.amount);
        }
        self.asked
    }

    fn ask(&mut self, fact: i64, required: bool) {
        match self.asked.iter_mut().find(|(asked, _)| *asked == fact) {
            Some(known) => known.1 |= required,
            None => self.asked.push((fact, required)),
        }
    }

    fn ask_list(&mut self, list: u8) {
        let required = self.facts.rows(list).is_none();
        self.ask(LIST_ARGUMENT + i64::from(list), required);
    }

    /// What a condition comes to with what is known, if that settles it.
    fn settled(&mut self, node: u32) -> Option<bool> {
        let mut evaluation = Evaluation::new(&self.question, self.facts, &mut self.scratch);
        match evaluation.node(node) {
            Ok(answer) => Some(answer.is_true()),
            Err(
                Stop::Missing(_) | Stop::NotKnown(_) | Stop::DateOutOfRange(_) | Stop::BadValue(_) | Stop::Overflow,
            ) => None,
        }
    }

    fn row_node(&self, value: u16) -> u32 {
        let rows = &self.law.state.values[usize::from(value)].rows;
        rows.iter().rev().find(|row| row.from <= self.date).unwrap_or(&rows[0]).node
    }

    fn walk(&mut self, index: u32) {
        let law = self.law;
        if core::mem::replace(&mut self.seen[index as usize], true) {
            return;
        }
        match &law.state.nodes[index as usize] {
            Node::Fact(fact) => self.fact(*fact),
            Node::Given(fact) => self.ask(i64::from(*fact), self.facts.get(*fact).is_none()),
            Node::Known(fact) => self.known(*fact),
            Node::ListKnown(list) => self.ask(LIST_ARGUMENT + i64::from(*list), false),
            Node::Value(value) => self.walk(self.row_node(*value)),
            Node::Base(base) => {
                let base = &law.state.bases[usize::from(*base)];
                for &value in base.items.iter().chain(&base.credits) {
                    self.walk(self.row_node(value));
                }
                if let Some(test) = base.test {
                    self.walk(test);
                }
            }
            Node::Table(table) => {
                let table = &law.state.tables[usize::from(*table)];
                for &key in &table.keys {
                    self.walk(key);
                }
                for (_, node) in &table.rows {
                    self.walk(*node);
                }
            }
            Node::Marginal(table, x) => {
                self.walk(*x);
                for (_, node) in &law.state.tables[usize::from(*table)].rows {
                    self.walk(*node);
                }
            }
            Node::Binary(operator, a, b) => {
                self.walk(*a);
                let decided = self.settled(*a);
                let stops = matches!((operator, decided), (Operator::And, Some(false)) | (Operator::Or, Some(true)));
                if !stops {
                    self.walk(*b);
                }
            }
            Node::If(condition, a, b) => {
                if self.replaces(*condition, *b) {
                    return;
                }
                self.walk(*condition);
                let decided = self.settled(*condition);
                if decided != Some(false) {
                    self.walk(*a);
                }
                if decided != Some(true) {
                    self.walk(*b);
                }
            }
            Node::Not(a) | Node::Negative(a) => self.walk(*a),
            Node::Call(_, arguments) => arguments.iter().for_each(|&argument| self.walk(argument)),
            Node::Total(list, a) => {
                self.ask_list(*list);
                self.walk(*a);
            }
            Node::Largest(list, _, n) => {
                self.ask_list(*list);
                self.walk(*n);
            }
            Node::HomeTax | Node::HomeKnown => self.fact(self.pack.residence),
            _ => {}
        }
    }

    /// A fact that changes the answer when it is given, and need not be given; not one that only the other kind of deal has.
    fn known(&mut self, fact: u16) {
        let placed = self.placed(fact);
        if placed == 0 || placed & self.kind != 0 {
            self.ask(i64::from(fact), false);
        }
    }

    /// `if known(a) then … else b` in a kind of deal that has `a` and not `b`: then `a` is the one to ask for.
    fn replaces(&mut self, condition: u32, other: u32) -> bool {
        let nodes = &self.law.state.nodes;
        let (Node::Known(fact), Node::Fact(other)) = (&nodes[condition as usize], &nodes[other as usize]) else {
            return false;
        };
        let (own, other) = (self.placed(*fact), self.placed(*other));
        let replaces = own & self.kind != 0 && other != 0 && other & self.kind == 0;
        if replaces {
            self.fact(*fact);
        }
        replaces
    }

    /// Kinds of deal in whose bases a fact is an item, a bit each.
    fn placed(&self, fact: u16) -> u8 {
        let state = &self.law.state;
        let node_of = |value: &u16| &state.nodes[self.row_node(*value) as usize];
        let places = |levy: &&Levy| match levy.base.map(|base| &state.nodes[base as usize]) {
            Some(Node::Value(value)) => match node_of(value) {
                Node::Base(base) => {
                    let items = &state.bases[usize::from(*base)].items;
                    items.iter().any(|item| state.values[usize::from(*item)].item == Some(fact))
                }
                _ => false,
            },
            _ => false,
        };
        state.levies.iter().filter(places).fold(0, |kinds, levy| kinds | levy.kind)
    }

    fn fact(&mut self, fact: u16) {
        if let Some((_, value)) = self.law.state.defaults.iter().find(|(of, _)| *of == fact) {
            self.ask(i64::from(fact), false);
            self.walk(self.row_node(*value));
            return;
        }
        let default_of = |fact: u16| self.pack.facts[usize::from(fact)].default;
        let unknown = |fact: u16| self.facts.get(fact).is_none();
        let required = match default_of(fact) {
            Default::SameAs(other) if default_of(other) == Default::Required => unknown(fact) && unknown(other),
            Default::SameAs(other) => {
                self.fact(other);
                false
            }
            default => default == Default::Required && unknown(fact),
        };
        self.ask(i64::from(fact), required);
    }
}
