//! Evaluates expressions of one state on the facts of one deal.

use crate::calendar::{date_of, months_between};
use crate::exact::{Exact, Overflow, Way};
use crate::facts::Facts;
use crate::home::{home, home_tax};
use crate::law::*;
use crate::prepared::Prepared;
use crate::question::{LIST_ARGUMENT, Question, Stop, TraceEntry};
use crate::scratch::Scratch;
use alloc::vec::Vec;
use core::cmp::Ordering;

/// A vehicle older than so many years is a slip of the pen.
const MOST_POWER: i64 = 200;

/// Named amounts of the levy at hand.
#[derive(Clone, Copy)]
pub struct Slots {
    /// Sum of the items, in a value test.
    pub items: Exact,
    /// The base.
    pub base: Exact,
    /// The tax before its bounds.
    pub tax: Exact,
    /// What the levies named by a credit come to.
    pub due: Exact,
}

/// One deal under one state's law.
pub struct Evaluation<'a> {
    /// What is asked.
    pub question: &'a Question<'a>,
    /// The state whose law is asked.
    pub law: &'a Prepared,
    /// What the deal knows.
    pub facts: &'a Facts,
    /// Room.
    pub scratch: &'a mut Scratch,
    /// The day that picks the law.
    pub date: i64,
    /// Its period.
    pub era: usize,
    /// The period's node of each value.
    pub nodes: &'a [u32],
    /// Named amounts.
    pub slots: Slots,
    /// The row of a list at hand.
    pub row: Option<(u8, u16)>,
}

type Answer = Result<Exact, Stop>;

impl<'a> Evaluation<'a> {
    /// Starts a deal.
    pub fn new(question: &'a Question<'a>, facts: &'a Facts, scratch: &'a mut Scratch) -> Evaluation<'a> {
        let Question { law, date, .. } = *question;
        scratch.renew(law.state.values.len());
        let era = law.era(date);
        let slots = Slots { items: Exact::ZERO, base: Exact::ZERO, tax: Exact::ZERO, due: Exact::ZERO };
        let nodes = &law.nodes[era];
        Evaluation { question, law, facts, scratch, date, era, nodes, slots, row: None }
    }

    /// Takes another day's law.
    pub fn move_to(&mut self, date: i64) {
        if date != self.date {
            self.take(self.law.era(date));
            self.date = date;
            self.scratch.renew(self.law.state.values.len());
        }
    }

    fn take(&mut self, era: usize) {
        self.era = era;
        self.nodes = &self.law.nodes[era];
    }

    /// A dated value.
    pub fn value(&mut self, index: u16) -> Answer {
        let law = self.law;
        let place = usize::from(index);
        let node = self.nodes[place];
        if self.scratch.trace.is_some() {
            let answer = self.known_node(index, node)?;
            self.note(&law.state.values[place], index, law.row(self.era, index), answer)?;
            return Ok(answer);
        }
        match &law.state.nodes[node as usize] {
            Node::Whole(number) => return Ok(Exact::whole(*number)),
            Node::PerMillion(parts) => return Ok(Exact::per_million(*parts)),
            _ => {}
        }
        if !law.state.values[place].constant {
            return self.known_node(index, node);
        }
        if let Some(answer) = self.scratch.known(place) {
            return Ok(answer);
        }
        let answer = self.known_node(index, node)?;
        self.scratch.keep(place, answer);
        Ok(answer)
    }

    /// Law that is not known is refused by the name of the value that says so, in a table as well.
    fn known_node(&mut self, value: u16, node: u32) -> Answer {
        self.node(node).map_err(|stop| if stop == Stop::NotKnown(-1) { Stop::NotKnown(i64::from(value)) } else { stop })
    }

    /// What the deal has of an item.
    fn amount_given(&self, item: u16) -> i64 {
        match (self.facts.get(item), self.question.pack.facts[usize::from(item)].default) {
            (Some(amount), _) => amount,
            (None, Default::SumOf(list, field)) => self.facts.sum(list, field),
            _ => 0,
        }
    }

    fn note(&mut self, value: &Value, index: u16, row: u16, answer: Exact) -> Result<(), Stop> {
        if let Some(item) = value.item
            && self.amount_given(item) == 0
        {
            return Ok(());
        }
        let Some(trace) = &mut self.scratch.trace else { return Ok(()) };
        let (unit, number) = match value.unit {
            Unit::Money => (0, answer.round(1, Way::HalfUp)?),
            Unit::Rate => (1, answer.parts_per_million()?),
            Unit::Count => (2, answer.round(1, Way::HalfUp)?),
            Unit::YesNo => (3, i64::from(answer.is_true())),
            Unit::Word => (4, answer.floor()?),
        };
        let entry = TraceEntry { value: i64::from(index), row: i64::from(row), unit, number };
        if !trace.contains(&entry) {
            trace.push(entry);
        }
        Ok(())
    }

    fn fact(&mut self, fact: u16) -> Answer {
        let spec = self.question.pack.facts[usize::from(fact)];
        let shown = |number| match spec.kind {
            FactKind::Rate => Exact::per_million(number),
            _ => Exact::whole(number),
        };
        if let Some(number) = self.facts.get(fact) {
            return Ok(shown(number));
        }
        let law = self.law;
        if let Some((_, value)) = law.state.defaults.iter().find(|(of, _)| *of == fact) {
            return self.value(*value);
        }
        let number = match spec.default {
            Default::Zero => return Ok(Exact::ZERO),
            Default::Required => return Err(Stop::Missing(i64::from(fact))),
            Default::Number(number) => number,
            Default::Here => law.state.code,
            Default::LawDate => self.question.date,
            Default::SumOf(list, field) => self.facts.sum(list, field),
            Default::RowsOf(list) => self.facts.rows(list).map_or(1, i64::from),
            Default::SameAs(other) => match self.fact(other) {
                Err(Stop::Missing(_)) => return Err(Stop::Missing(i64::from(fact))),
                answer => return answer,
            },
        };
        let told = !matches!(spec.default, Default::SumOf(..) | Default::RowsOf(_));
        if let Some(trace) = self.scratch.trace.as_mut().filter(|_| told) {
            let entry = TraceEntry { value: -1 - i64::from(fact), row: 0, unit: 4, number };
            if !trace.contains(&entry) {
                trace.push(entry);
            }
        }
        Ok(shown(number))
    }

    fn base(&mut self, index: u16) -> Answer {
        let law = self.law;
        let base = &law.state.bases[usize::from(index)];
        let mut sum = Exact::ZERO;
        for &item in &base.items {
            sum = sum.plus(self.value(item)?)?;
        }
        if let Some(test) = base.test {
            self.slots.items = sum;
            sum = self.node(test)?;
        }
        for &credit in &base.credits {
            sum = sum.minus(self.value(credit)?)?;
        }
        Ok(sum.above_zero())
    }

    /// How many rows a list has.
    pub fn rows(&self, list: u8) -> Result<u16, Stop> {
        self.facts.rows(list).ok_or(Stop::Missing(LIST_ARGUMENT + i64::from(list)))
    }

    /// A field of the row at hand, if that is a row of the list and the field is known.
    pub fn field(&self, list: u8, field: u8) -> Option<i64> {
        let (at, row) = self.row?;
        if at == list { self.facts.field(list, row, field) } else { None }
    }

    fn field_number(&self, list: u8, field: u8, number: i64) -> Exact {
        match self.question.pack.lists[usize::from(list)].fields[usize::from(field)].kind {
            FactKind::Rate => Exact::per_million(number),
            _ => Exact::whole(number),
        }
    }

    fn row_field(&self, list: u8, field: u8) -> Answer {
        match (self.field(list, field), self.question.pack.lists[usize::from(list)].fields[usize::from(field)].default)
        {
            (Some(number), _) | (None, Default::Number(number)) => Ok(self.field_number(list, field, number)),
            (None, Default::Zero) => Ok(Exact::ZERO),
            _ => Err(Stop::Missing(LIST_ARGUMENT + i64::from(list))),
        }
    }

    /// The cell of a table that holds the keys.
    fn table(&mut self, index: u16) -> Answer {
        let table = &self.law.state.tables[usize::from(index)];
        let mut keys = [0i64; 4];
        for (place, &key) in table.keys.iter().enumerate() {
            keys[place] = self.node(key)?.floor()?;
        }
        let holds = |cell: &Cell, key: i64| cell.0.iter().any(|&(low, high)| low <= key && key <= high);
        let found = table.rows.iter().find(|(cells, _)| cells.iter().zip(keys).all(|(cell, key)| holds(cell, key)));
        match found {
            Some(&(_, node)) => self.node(node),
            None => Err(Stop::Overflow),
        }
    }

    fn marginal(&mut self, index: u16, x: Exact) -> Answer {
        let table = &self.law.state.tables[usize::from(index)];
        let mut sum = Exact::ZERO;
        let mut below = Exact::ZERO;
        for (cells, node) in &table.rows {
            let (_, high) = cells[0].0[0];
            let to = if high == i64::MAX { x } else { Exact::whole(high) };
            let part = slice(x, below, to)?;
            if !part.is_zero() {
                sum = sum.plus(part.times(self.node(*node)?)?)?;
            }
            below = to;
        }
        Ok(sum)
    }

    /// The state where the buyer lives.
    fn residence(&mut self) -> Result<i64, Stop> {
        Ok(self.fact(self.question.pack.residence)?.floor()?)
    }

    fn home_tax(&mut self) -> Answer {
        let home = self.residence()?;
        Ok(Exact::whole(home_tax(self.question, self.facts, self.scratch, home)?))
    }

    /// An expression.
    pub fn node(&mut self, index: u32) -> Answer {
        let law = self.law;
        match &law.state.nodes[index as usize] {
            Node::Whole(number) => Ok(Exact::whole(*number)),
            Node::PerMillion(parts) => Ok(Exact::per_million(*parts)),
            Node::Fact(fact) => self.fact(*fact),
            Node::Known(fact) => Ok(Exact::truth(self.facts.get(*fact).is_some())),
            Node::Given(fact) => match self.facts.get(*fact) {
                Some(_) => self.fact(*fact),
                None => Err(Stop::Missing(i64::from(*fact))),
            },
            Node::ListKnown(list) => Ok(Exact::truth(self.facts.rows(*list).is_some())),
            Node::Value(value) => self.value(*value),
            Node::Base(base) => self.base(*base),
            Node::Table(table) => self.table(*table),
            Node::Marginal(table, x) => {
                let x = self.node(*x)?;
                self.marginal(*table, x)
            }
            Node::Binary(operator, a, b) => self.binary(*operator, *a, *b),
            Node::Not(a) => Ok(Exact::truth(!self.node(*a)?.is_true())),
            Node::Negative(a) => Ok(self.node(*a)?.negative()),
            Node::If(condition, a, b) => {
                let chosen = if self.node(*condition)?.is_true() { a } else { b };
                self.node(*chosen)
            }
            Node::Call(function, arguments) => self.call(*function, arguments),
            Node::Total(list, a) => {
                let outside = self.row;
                let mut sum = Exact::ZERO;
                for row in 0..self.rows(*list)? {
                    self.row = Some((*list, row));
                    sum = sum.plus(self.node(*a)?)?;
                }
                self.row = outside;
                Ok(sum)
            }
            Node::Largest(list, field, n) => {
                let n = self.node(*n)?.floor()?;
                let rows = self.rows(*list)?;
                let mut numbers: Vec<i64> = (0..rows).filter_map(|row| self.facts.field(*list, row, *field)).collect();
                let mut sum = 0;
                for _ in 0..n.min(numbers.len() as i64) {
                    let (place, largest) = largest(&numbers);
                    sum += largest;
                    numbers[place] = 0;
                }
                Ok(self.field_number(*list, *field, sum))
            }
            Node::RowField(list, field) => self.row_field(*list, *field),
            Node::RowKnown(list, field) => Ok(Exact::truth(self.field(*list, *field).is_some())),
            Node::Here => Ok(Exact::whole(law.state.code)),
            Node::LawDate => Ok(Exact::whole(self.date)),
            Node::Items => Ok(self.slots.items),
            Node::BaseAmount => Ok(self.slots.base),
            Node::Tax => Ok(self.slots.tax),
            Node::Due => Ok(self.slots.due),
            Node::HomeTax => self.home_tax(),
            Node::HomeKnown => {
                let home_code = self.residence()?;
                Ok(Exact::truth(home(self.question, home_code).is_some()))
            }
            Node::NotKnown => Err(Stop::NotKnown(-1)),
        }
    }

    fn binary(&mut self, operator: Operator, a: u32, b: u32) -> Answer {
        if let Operator::And | Operator::Or = operator {
            let decides = operator == Operator::Or;
            return match self.node(a) {
                Ok(left) if left.is_true() == decides => Ok(Exact::truth(decides)),
                Ok(_) => self.node(b),
                Err(Stop::Missing(fact)) => match self.node(b) {
                    Ok(right) if right.is_true() == decides => Ok(Exact::truth(decides)),
                    _ => Err(Stop::Missing(fact)),
                },
                stop => stop,
            };
        }
        let (left, right) = (self.node(a)?, self.node(b)?);
        Ok(match operator {
            Operator::Add => left.plus(right)?,
            Operator::Subtract => left.minus(right)?,
            Operator::Multiply => left.times(right)?,
            Operator::Divide => left.divided_by(right)?,
            Operator::Equal => Exact::truth(left.compare(right)? == Ordering::Equal),
            Operator::Less => Exact::truth(left.compare(right)? == Ordering::Less),
            _ => Exact::truth(left.compare(right)? != Ordering::Greater),
        })
    }

    fn call(&mut self, function: Function, arguments: &[u32]) -> Answer {
        if let Function::In = function {
            let x = self.node(arguments[0])?;
            for &one in &arguments[1..] {
                if x.compare(self.node(one)?)? == Ordering::Equal {
                    return Ok(Exact::ONE);
                }
            }
            return Ok(Exact::ZERO);
        }
        let mut x = [Exact::ZERO; 3];
        if let Function::Min | Function::Max = function {
            let mut best = self.node(arguments[0])?;
            for &other in &arguments[1..] {
                let other = self.node(other)?;
                best = if function == Function::Min { best.least(other)? } else { best.most(other)? };
            }
            return Ok(best);
        }
        for (place, &argument) in arguments.iter().enumerate() {
            x[place] = self.node(argument)?;
        }
        Ok(match function {
            Function::Over => x[0].minus(x[1])?.above_zero(),
            Function::Slice => slice(x[0], x[1], x[2])?,
            Function::Units(way) => Exact::whole(x[0].divided_by(x[1])?.round(1, way)?),
            Function::Round(way) => Exact::whole(x[0].divided_by(x[1])?.round(1, way)?).times(x[1])?,
            Function::Power => {
                let count = x[1].floor()?;
                if !(0..=MOST_POWER).contains(&count) {
                    return Err(Stop::Overflow);
                }
                let mut product = Exact::ONE;
                for _ in 0..count {
                    product = product.times(x[0])?.carried();
                }
                product
            }
            Function::Year => Exact::whole(date_of(x[0].floor()?).0),
            Function::MonthsBetween => Exact::whole(months_between(x[0].floor()?, x[1].floor()?)),
            _ => Exact::whole(months_between(x[0].floor()?, x[1].floor()?).div_euclid(12)),
        })
    }
}

/// Place and number of the largest.
fn largest(numbers: &[i64]) -> (usize, i64) {
    numbers
        .iter()
        .enumerate()
        .fold((0, 0), |most, (place, &number)| if number > most.1 { (place, number) } else { most })
}

/// What of `x` lies above `over`, up to `to`.
pub fn slice(x: Exact, over: Exact, to: Exact) -> Result<Exact, Overflow> {
    Ok(x.least(to)?.minus(over)?.above_zero())
}
