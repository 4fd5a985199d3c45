//! The same computation in plain integers, where it can be done so: the batched quote's way through a levy.
//!
//! Nearly all law is sums of cents times a rate. Where every number of a levy is whole in a scale that is known beforehand
//! (cents, parts per million, or their product), no fraction is needed. Whatever is out of the ordinary, a missing fact, an
//! overflow, a division, gives [`NONE`], and [`crate::evaluate`] does the levy again and says why. Both must give the same line;
//! the contract's tests hold them to it.

use crate::calendar::months_later;
use crate::evaluate::Evaluation;
use crate::exact::Way;
use crate::law::*;
use crate::quote::{DUE_AT_SIGNING, Line, join};
use crate::scales::{ANY, UNKNOWN, higher};

/// No answer in whole numbers.
pub const NONE: i64 = i64::MIN;
/// A default that is found when it is asked.
pub const ASK: i64 = i64::MIN + 1;
const MILLION: i64 = 1_000_000;

/// What each fact is taken for in a state when it is unknown: [`NONE`] when it is required, [`ASK`] when that depends on the deal.
pub fn default_numbers(state: &State, facts: &[FactSpec]) -> Vec<i64> {
    let number = |(place, spec): (usize, &FactSpec)| {
        if state.defaults.iter().any(|(of, _)| usize::from(*of) == place) {
            return ASK;
        }
        match spec.default {
            Default::Required => NONE,
            Default::Zero => 0,
            Default::Number(number) => number,
            Default::Here => state.code,
            Default::LawDate | Default::SumOf(..) | Default::RowsOf(_) | Default::SameAs(_) => ASK,
        }
    };
    facts.iter().enumerate().map(number).collect()
}

/// Brings a number from one scale to a higher one.
#[inline]
fn lifted(number: i64, from: u8, to: u8) -> i64 {
    if from >= to || number == 0 || number == NONE {
        return number;
    }
    let factor = if to - from == 1 { MILLION } else { MILLION * MILLION };
    number.checked_mul(factor).unwrap_or(NONE)
}

#[inline]
fn some(number: Option<i64>) -> i64 {
    number.unwrap_or(NONE)
}

impl Evaluation<'_> {
    /// Does a levy in whole numbers; nothing is written, and false told, when it takes the exact way.
    pub fn quick_line(&mut self, index: u16, levy: &Levy, row: Option<u16>, lines: &mut Vec<Line>) -> bool {
        self.try_quick_line(index, levy, row, lines).is_some()
    }

    fn try_quick_line(&mut self, index: u16, levy: &Levy, row: Option<u16>, lines: &mut Vec<Line>) -> Option<()> {
        let known = |number: i64| if number == NONE { None } else { Some(number) };
        if let Some(when) = levy.when
            && (self.scale(when) == UNKNOWN || known(self.quick(when))? == 0)
        {
            return if self.scale(when) == UNKNOWN { None } else { Some(()) };
        }
        if !self.law.state.scales.levies[usize::from(index)] {
            return None;
        }
        let count = known(levy.count.map_or(1, |count| self.quick(count)))?;
        if count < 1 {
            return None;
        }
        if let DateRule::Payment(_) = levy.date {
            // Payments under different law are counted one by one, the exact way.
            let last = months_later(self.date, count - 1);
            if count == 0 || self.law.era(last) != self.era {
                return None;
            }
        }
        let base = known(levy.base.map_or(0, |base| self.quick(base)))?;
        if let Some(running) = levy.running {
            return self.quick_running(index, levy, running, row, count, base, lines);
        }
        let base = self.quick_slice(levy, base)?;
        let line = self.quick_charge(index, levy, row, base)?;
        lines.push(Line { count, ..line });
        Some(())
    }

    /// As [`Evaluation::running`], in whole cents.
    #[allow(clippy::too_many_arguments)]
    fn quick_running(
        &mut self,
        index: u16,
        levy: &Levy,
        running: Running,
        row: Option<u16>,
        count: i64,
        payment: i64,
        lines: &mut Vec<Line>,
    ) -> Option<()> {
        let known = |number: i64| if number == NONE { None } else { Some(number) };
        let credit = known(running.credit.map_or(0, |credit| self.quick(credit)))?;
        let first = known(self.quick(running.first))?;
        let before = lines.len();
        let mut received = first;
        let mut laid_on = self.quick_slice(levy, (first - credit).max(0))?;
        if first != 0 {
            let line = self.quick_charge(index, levy, row, laid_on)?;
            lines.push(Line { due: DUE_AT_SIGNING, ..line });
        }
        let mut left = count;
        while left > 0 {
            received += payment;
            let reached = self.quick_slice(levy, (received - credit).max(0))?;
            let added = reached - laid_on;
            let mut alike = 1;
            let mut step = if added == 0 || added == payment { left - 1 } else { 0 };
            while step > 0 {
                let there = self.quick_slice(levy, (received + payment * step - credit).max(0))?;
                if there == reached + added * step {
                    received += payment * step;
                    alike += step;
                    break;
                }
                step /= 2;
            }
            laid_on = self.quick_slice(levy, (received - credit).max(0))?;
            left -= alike;
            match self.quick_charge(index, levy, row, added) {
                Some(line) => join(lines, Line { count: alike, ..line }),
                None => {
                    lines.truncate(before);
                    return None;
                }
            }
        }
        Some(())
    }

    fn quick_slice(&mut self, levy: &Levy, base: i64) -> Option<i64> {
        if levy.slice_over.is_none() && levy.slice_to.is_none() {
            return Some(base);
        }
        let over = levy.slice_over.map_or(0, |over| self.quick(over));
        let to = levy.slice_to.map_or(base, |to| self.quick(to));
        if over == NONE || to == NONE { None } else { Some((base.min(to) - over).max(0)) }
    }

    /// Rate, bounds and rounding on a base that is already sliced.
    fn quick_charge(&mut self, index: u16, levy: &Levy, row: Option<u16>, base: i64) -> Option<Line> {
        let known = |number: i64| if number == NONE { None } else { Some(number) };
        let of_base = levy.base.map_or(0, |base| if self.scale(base) == 1 { 1 } else { 0 });
        self.quick_base = base;
        let rate = match levy.rate {
            Some(rate) => Some(known(lifted(self.quick(rate), self.scale(rate), 1))?),
            None => None,
        };
        let (mut tax, mut scale) = match (levy.amount, rate) {
            (Some(amount), _) => (self.quick(amount), self.scale(amount)),
            (None, Some(rate)) => (some(base.checked_mul(rate)), 1 + of_base),
            (None, None) => (base, of_base),
        };
        if scale == ANY {
            scale = 0;
        }
        for (bound, keep) in [(levy.most, Ord::min as fn(i64, i64) -> i64), (levy.least, Ord::max)] {
            if let Some(bound) = bound {
                let of_bound = self.scale(bound);
                let of_bound = if of_bound == ANY { 0 } else { of_bound };
                let common = scale.max(of_bound);
                let number = known(lifted(self.quick(bound), of_bound, common))?;
                tax = keep(known(lifted(tax, scale, common))?, number);
                scale = common;
            }
        }
        let divisor = levy.round_unit.checked_mul(if scale == 0 { 1 } else { lifted(1, 0, scale) })?;
        let amount = rounded(known(tax)?, divisor, levy.round_way) * levy.round_unit;
        let base = if of_base == 1 { rounded(base, MILLION, Way::HalfUp) } else { base };
        Some(Line { levy: index, due: levy.due, stop: None, row, count: 1, base, rate, amount, trace: Vec::new() })
    }

    #[inline]
    fn scale(&self, node: u32) -> u8 {
        self.law.state.scales.nodes[node as usize]
    }

    fn quick_value(&mut self, index: u16) -> i64 {
        let law = self.law;
        let place = usize::from(index);
        let node = self.nodes[place];
        match &law.state.nodes[node as usize] {
            Node::Whole(number) | Node::PerMillion(number) => return *number,
            Node::Fact(fact) => return self.quick_fact(*fact),
            _ => {}
        }
        if !law.state.values[place].constant {
            return self.quick(node);
        }
        if self.scratch.quick_cache[place].0 == self.scratch.stamp {
            return self.scratch.quick_cache[place].1;
        }
        let number = self.quick(node);
        self.scratch.quick_cache[place] = (self.scratch.stamp, number);
        number
    }

    #[inline]
    fn quick_fact(&mut self, fact: u16) -> i64 {
        match self.facts.taken(fact) {
            ASK => self.quick_default(fact),
            number => number,
        }
    }

    /// A condition of a credit, when it is settled in whole numbers.
    pub fn quick_condition(&mut self, node: u32) -> Option<bool> {
        if self.scratch.trace.is_some() || self.scale(node) != 0 {
            return None;
        }
        match self.quick(node) {
            NONE => None,
            number => Some(number != 0),
        }
    }

    #[inline(never)]
    fn quick_default(&mut self, fact: u16) -> i64 {
        let law = self.law;
        if let Some((_, value)) = law.state.defaults.iter().find(|(of, _)| *of == fact) {
            return self.quick_value(*value);
        }
        match self.pack.facts[usize::from(fact)].default {
            Default::Required => NONE,
            Default::Zero => 0,
            Default::Number(number) => number,
            Default::Here => law.state.code,
            Default::LawDate => self.request_date,
            Default::SumOf(list, field) => self.facts.sum(list, field),
            Default::RowsOf(list) => self.facts.row_counts[usize::from(list)].map_or(1, i64::from),
            Default::SameAs(other) => self.quick_fact(other),
        }
    }

    #[inline(never)]
    fn quick_sum(&mut self, base: u16) -> i64 {
        let law = self.law;
        let place = usize::from(base);
        let scale = law.state.scales.bases[place];
        let mut sum = 0i64;
        for &node in &self.items[place] {
            let item = match &law.state.nodes[node as usize] {
                Node::Fact(fact) if scale == 0 => self.quick_fact(*fact),
                _ => lifted(self.quick(node), self.scale(node), scale),
            };
            if item == NONE {
                return NONE;
            }
            sum += item;
        }
        let base = &law.state.bases[place];
        if let Some(test) = base.test {
            self.quick_items = if scale == 0 { sum } else { sum / MILLION };
            sum = lifted(self.quick(test), self.scale(test), scale);
            if sum == NONE {
                return NONE;
            }
        }
        for &credit in &base.credits {
            let credit = lifted(self.quick_value(credit), law.state.scales.values[usize::from(credit)], scale);
            if credit == NONE {
                return NONE;
            }
            sum -= credit;
        }
        sum.max(0)
    }

    #[inline(never)]
    fn quick_table(&mut self, index: u16) -> i64 {
        let law = self.law;
        let table = &law.state.tables[usize::from(index)];
        let mut keys = [0i64; 4];
        for (place, &key) in table.keys.iter().enumerate() {
            keys[place] = self.quick(key);
            if keys[place] == NONE {
                return NONE;
            }
        }
        let holds = |cell: &Cell, key: i64| cell.0.iter().any(|&(low, high)| low <= key && key <= high);
        match table.rows.iter().find(|(cells, _)| cells.iter().zip(keys).all(|(cell, key)| holds(cell, key))) {
            Some(&(_, node)) => self.quick(node),
            None => NONE,
        }
    }

    /// A node as a whole number in its scale.
    pub fn quick(&mut self, index: u32) -> i64 {
        let law = self.law;
        match &law.state.nodes[index as usize] {
            Node::Whole(number) | Node::PerMillion(number) => *number,
            Node::Fact(fact) => self.quick_fact(*fact),
            Node::Given(fact) => self.facts.get(*fact).unwrap_or(NONE),
            Node::Known(fact) => i64::from(self.facts.get(*fact).is_some()),
            Node::ListKnown(list) => i64::from(self.facts.row_counts[usize::from(*list)].is_some()),
            Node::Value(value) => self.quick_value(*value),
            Node::Base(base) => self.quick_sum(*base),
            Node::Table(table) => self.quick_table(*table),
            Node::Binary(operator, a, b) => self.quick_binary(index, *operator, *a, *b),
            Node::Not(a) => match self.quick(*a) {
                NONE => NONE,
                number => i64::from(number == 0),
            },
            Node::Negative(a) => match self.quick(*a) {
                NONE => NONE,
                number => -number,
            },
            Node::If(condition, a, b) => match self.quick(*condition) {
                NONE => NONE,
                0 => self.quick(*b),
                _ => self.quick(*a),
            },
            Node::Call(function, arguments) => self.quick_call(*function, arguments),
            Node::Total(list, a) => self.quick_total(*list, *a),
            Node::RowField(list, field) => self.field(*list, *field).unwrap_or(NONE),
            Node::RowKnown(list, field) => i64::from(self.field(*list, *field).is_some()),
            Node::Here => law.state.code,
            Node::LawDate => self.date,
            Node::Items => self.quick_items,
            Node::BaseAmount => self.quick_base,
            _ => NONE,
        }
    }

    /// A node that is mostly a plain number or fact.
    #[inline]
    fn quick_side(&mut self, index: u32) -> i64 {
        let law = self.law;
        match &law.state.nodes[index as usize] {
            Node::Whole(number) => *number,
            Node::Fact(fact) => self.quick_fact(*fact),
            _ => self.quick(index),
        }
    }

    #[inline(never)]
    fn quick_total(&mut self, list: u8, a: u32) -> i64 {
        let Ok(rows) = self.rows(list) else { return NONE };
        let outside = self.row;
        let mut sum = 0i64;
        for row in 0..rows {
            self.row = Some((list, row));
            let part = self.quick(a);
            sum = if part == NONE || sum == NONE { NONE } else { sum + part };
        }
        self.row = outside;
        sum
    }

    fn quick_binary(&mut self, index: u32, operator: Operator, a: u32, b: u32) -> i64 {
        let left = self.quick_side(a);
        if left == NONE {
            return NONE;
        }
        match operator {
            Operator::And if left == 0 => return 0,
            Operator::Or if left != 0 => return 1,
            _ => {}
        }
        let right = self.quick_side(b);
        if right == NONE {
            return NONE;
        }
        if let Operator::And | Operator::Or = operator {
            return right;
        }
        let (left, right) = if self.law.state.scales.lifts[index as usize] {
            self.quick_lifted(left, a, right, b)
        } else {
            (left, right)
        };
        if left == NONE || right == NONE {
            return NONE;
        }
        match operator {
            Operator::Add => some(left.checked_add(right)),
            Operator::Subtract => some(left.checked_sub(right)),
            Operator::Equal => i64::from(left == right),
            Operator::Less => i64::from(left < right),
            Operator::LessOrEqual => i64::from(left <= right),
            Operator::Multiply => some(left.checked_mul(right)),
            _ => NONE,
        }
    }

    #[inline(never)]
    fn quick_lifted(&self, left: i64, a: u32, right: i64, b: u32) -> (i64, i64) {
        let (of_a, of_b) = (self.scale(a), self.scale(b));
        let common = of_a.max(of_b);
        (lifted(left, of_a, common), lifted(right, of_b, common))
    }

    #[inline(never)]
    fn quick_call(&mut self, function: Function, arguments: &[u32]) -> i64 {
        if let Function::In = function {
            let x = self.quick_side(arguments[0]);
            if x == NONE {
                return NONE;
            }
            for &one in &arguments[1..] {
                if self.quick_side(one) == x {
                    return 1;
                }
            }
            return 0;
        }
        let common = arguments.iter().fold(ANY, |scale, &argument| higher(scale, self.scale(argument)));
        let common = if common == ANY { 0 } else { common };
        let mut best = NONE;
        let mut x = [0i64; 3];
        for (place, &argument) in arguments.iter().enumerate() {
            let scale = self.scale(argument);
            let number = lifted(self.quick(argument), if scale == ANY { common } else { scale }, common);
            if number == NONE {
                return NONE;
            }
            best = match function {
                _ if place == 0 => number,
                Function::Min => best.min(number),
                _ => best.max(number),
            };
            if place < 3 {
                x[place] = number;
            }
        }
        match function {
            Function::Min | Function::Max => best,
            Function::Over => (x[0] - x[1]).max(0),
            Function::Slice => (x[0].min(x[2]) - x[1]).max(0),
            _ => NONE,
        }
    }
}

fn rounded(number: i64, divisor: i64, way: Way) -> i64 {
    if divisor == 1 {
        return number;
    }
    let (down, rest) = (number.div_euclid(divisor), number.rem_euclid(divisor));
    let up = match way {
        Way::HalfUp => rest >= divisor - rest,
        Way::Up => rest > 0,
        Way::Down => false,
        Way::HalfEven => rest > divisor - rest || (rest == divisor - rest && down % 2 != 0),
    };
    down + i64::from(up)
}
