//! Computes the lines of one deal: every levy of the state's law, in the order of the rule file.

use crate::calendar::months_later;
use crate::evaluate::{Evaluation, slice};
use crate::exact::{Exact, Way};
use crate::law::*;
use crate::line::{DUE_AT_SIGNING, Line, NO_RATE, due, join, take};
use crate::question::{Stop, TraceEntry};
use alloc::vec::Vec;
use core::cmp::Ordering;

impl Evaluation<'_> {
    /// All lines. A tax that cannot be computed leaves a line that says why.
    pub fn lines(&mut self, lines: &mut Vec<Line>) -> Result<(), Stop> {
        let law = self.law;
        for &index in law.levies(self.question.kind, self.question.taxes_only) {
            self.levy_or_stop(index, lines);
        }
        law.credits(self.question.kind).try_for_each(|(_, credit)| self.take_credit(credit, lines))
    }

    /// The lines of one levy, or one that says why there is none.
    pub fn levy_or_stop(&mut self, index: u16, lines: &mut Vec<Line>) {
        let law = self.law;
        let levy = &law.state.levies[usize::from(index)];
        let before = lines.len();
        if let Err(stop) = self.levy(index, levy, lines) {
            lines.truncate(before);
            let rate = NO_RATE;
            lines.push(Line { levy: index, due: levy.due, stop: Some(stop), count: 1, rate, ..Line::default() });
            if let Some(trace) = &mut self.scratch.trace {
                trace.clear();
            }
        }
        self.row = None;
        self.move_to(self.question.date);
    }

    fn levy(&mut self, index: u16, levy: &Levy, lines: &mut Vec<Line>) -> Result<(), Stop> {
        let first_payment = match levy.date {
            DateRule::Request => self.question.date,
            DateRule::Fact(fact) | DateRule::Payment(fact) => self.deal_date(fact)?,
        };
        self.move_to(first_payment);
        if let Some(in_force) = levy.in_force
            && !self.value(in_force)?.is_true()
        {
            self.keep_trace();
            return Ok(());
        }
        let Some(list) = levy.each else {
            return self.one(index, levy, None, first_payment, lines);
        };
        if let Some(when) = levy.when
            && self.facts.rows(list).is_none()
            && matches!(self.node(when), Ok(answer) if !answer.is_true())
        {
            return Ok(());
        }
        for row in 0..self.rows(list)? {
            self.row = Some((list, row));
            self.one(index, levy, Some(row), first_payment, lines)?;
        }
        Ok(())
    }

    /// A date of the deal, else that of the request; never outside all law here.
    fn deal_date(&mut self, fact: u16) -> Result<i64, Stop> {
        let date = self.facts.get(fact).unwrap_or(self.question.date);
        if date < self.question.pack.floor || self.question.pack.horizon < date {
            return Err(Stop::DateOutOfRange(i64::from(fact)));
        }
        Ok(date)
    }

    fn one(
        &mut self,
        index: u16,
        levy: &Levy,
        row: Option<u16>,
        first_payment: i64,
        lines: &mut Vec<Line>,
    ) -> Result<(), Stop> {
        if let Some(when) = levy.when
            && !self.node(when)?.is_true()
        {
            self.keep_trace();
            return Ok(());
        }
        if levy.category == RANGE {
            let bound = |node: Option<u32>, this: &mut Self| match node {
                Some(node) => Ok(this.node(node)?.parts_per_million()?),
                None => Ok::<i64, Stop>(0),
            };
            let (least, most) = (bound(levy.least, self)?, bound(levy.most, self)?);
            lines.push(Line {
                levy: index,
                count: 1,
                base: least,
                rate: NO_RATE,
                amount: most,
                trace: self.keep_trace(),
                ..Line::default()
            });
            return Ok(());
        }
        let count = match levy.count {
            Some(count) => self.node(count)?.floor()?,
            None => 1,
        };
        if let Some(node) = levy.count
            && count < 1
        {
            return Err(match self.law.state.nodes[node as usize] {
                Node::Fact(fact) => Stop::BadValue(i64::from(fact)),
                _ => Stop::Overflow,
            });
        }
        if let Some(running) = levy.running {
            return self.running(index, levy, running, row, count, lines);
        }
        if let DateRule::Payment(_) = levy.date {
            for payment in 0..count {
                // A lease goes on beyond the horizon: under what is written for those days, else under its last law.
                let day = months_later(first_payment, payment);
                if payment > 0 && self.law.era(day) == self.era {
                    if let Some(line) = lines.last_mut() {
                        line.count += 1;
                    }
                    continue;
                }
                self.move_to(day);
                let base = self.base_of(levy)?;
                let line = self.charge(index, levy, row, base)?;
                join(lines, line);
            }
            return Ok(());
        }
        let base = self.base_of(levy)?;
        let line = self.charge(index, levy, row, base)?;
        lines.push(Line { count, ..line });
        Ok(())
    }

    fn base_of(&mut self, levy: &Levy) -> Result<Exact, Stop> {
        match levy.base {
            Some(base) => {
                let base = self.node(base)?;
                self.sliced(levy, base)
            }
            None => Ok(Exact::ZERO),
        }
    }

    fn sliced(&mut self, levy: &Levy, base: Exact) -> Result<Exact, Stop> {
        self.slots.base = base;
        let over = match levy.slice_over {
            Some(over) => self.node(over)?,
            None => Exact::ZERO,
        };
        let to = match levy.slice_to {
            Some(to) => self.node(to)?,
            None => base,
        };
        Ok(if levy.slice_over.is_some() || levy.slice_to.is_some() { slice(base, over, to)? } else { base })
    }

    /// Laid on the running sum of what a lease brings in: each receipt bears the tax of what it added.
    fn running(
        &mut self,
        index: u16,
        levy: &Levy,
        running: Running,
        row: Option<u16>,
        count: i64,
        lines: &mut Vec<Line>,
    ) -> Result<(), Stop> {
        let credit = match running.credit {
            Some(credit) => self.node(credit)?,
            None => Exact::ZERO,
        };
        let first = self.node(running.first)?;
        let payment = match levy.base {
            Some(base) => self.node(base)?,
            None => Exact::ZERO,
        };
        let mut received = first;
        let mut laid_on = self.sliced(levy, first.minus(credit)?.above_zero())?;
        if !first.is_zero() {
            let line = self.charge(index, levy, row, laid_on)?;
            lines.push(Line { due: DUE_AT_SIGNING, ..line });
        }
        let mut left = count;
        while left > 0 {
            received = received.plus(payment)?;
            let reached = self.sliced(levy, received.minus(credit)?.above_zero())?;
            let added = reached.minus(laid_on)?;
            // As long as the next receipts add as much, they bear as much: only where a bound is crossed is there a new line.
            let mut alike = 1;
            let mut step = left - 1;
            while step > 0 {
                let ahead = payment.times(Exact::whole(step))?;
                let there = self.sliced(levy, received.plus(ahead)?.minus(credit)?.above_zero())?;
                let expected = reached.plus(added.times(Exact::whole(step))?)?;
                let steady = added.is_zero() || added.compare(payment)? == Ordering::Equal;
                if steady && there.compare(expected)? == Ordering::Equal {
                    received = received.plus(ahead)?;
                    alike += step;
                    break;
                }
                step /= 2;
            }
            laid_on = self.sliced(levy, received.minus(credit)?.above_zero())?;
            left -= alike;
            let line = self.charge(index, levy, row, added)?;
            join(lines, Line { count: alike, ..line });
        }
        Ok(())
    }

    /// Share, rate, bounds and rounding on a base that is already sliced.
    fn charge(&mut self, index: u16, levy: &Levy, row: Option<u16>, base: Exact) -> Result<Line, Stop> {
        let mut base = base;
        if let Some(share) = levy.share {
            self.slots.base = base;
            base = base.times(self.node(share)?)?;
        }
        self.slots.base = base;
        let rate = match levy.rate {
            Some(rate) => Some(self.node(rate)?),
            None => None,
        };
        let mut tax = match (levy.amount, rate) {
            (Some(amount), _) => self.node(amount)?,
            (None, Some(rate)) => base.times(rate)?,
            (None, None) => base,
        };
        for (bound, keep) in [(levy.most, Exact::least as fn(Exact, Exact) -> _), (levy.least, Exact::most)] {
            if let Some(bound) = bound {
                self.slots.tax = tax;
                tax = keep(tax, self.node(bound)?)?;
            }
        }
        Ok(Line {
            levy: index,
            due: levy.due,
            stop: None,
            row,
            count: 1,
            base: base.round(1, Way::HalfUp)?,
            rate: match rate {
                Some(rate) => rate.parts_per_million()?,
                None => NO_RATE,
            },
            amount: tax.round(levy.round_unit, levy.round_way)?,
            trace: self.keep_trace(),
        })
    }

    fn keep_trace(&mut self) -> Vec<TraceEntry> {
        match &mut self.scratch.trace {
            Some(trace) => core::mem::take(trace),
            None => Vec::new(),
        }
    }

    /// Takes a credit off the lines it names.
    pub fn take_credit(&mut self, credit: &TaxCredit, lines: &mut [Line]) -> Result<(), Stop> {
        let Some(due) = due(credit, lines).filter(|due| *due != 0) else { return Ok(()) };
        self.slots.due = Exact::whole(due);
        if let Some(when) = credit.when
            && !self.node(when)?.is_true()
        {
            self.keep_trace();
            return Ok(());
        }
        let amount = self.node(credit.amount)?.above_zero().round(1, Way::HalfUp)?;
        let trace = self.keep_trace();
        let own = i64::from(credit.value);
        let row = trace.iter().find(|entry| entry.value == own).map_or(0, |entry| entry.row);
        take(credit, amount, lines, |line, taken| {
            if !trace.is_empty() {
                line.trace.extend(trace.iter().filter(|entry| entry.value != own));
                line.trace.push(TraceEntry { value: own, row, unit: 0, number: -taken });
            }
        });
        Ok(())
    }
}
