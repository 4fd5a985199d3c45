//! Levies and tax credits.

use super::steps::factor;
use super::*;

impl Compiler<'_> {
    pub(super) fn credit(&mut self, index: u16, credit: &TaxCredit) {
        self.begin();
        let next = self.next;
        // A condition that does not read what is due is quicker than that.
        let (before, after) = match credit.when {
            Some(when) if self.same_everywhere(when) => (Some(when), None),
            when => (None, when),
        };
        if let Some(when) = before {
            self.branch(when, false, next);
        }
        let due = Number { place: self.place(), scale: 0 };
        self.step(Does::Due, next, index, due.place);
        self.due = Some(due);
        if let Some(when) = after {
            self.branch(when, false, next);
        }
        let amount = self.number(credit.amount);
        let zero = self.zero();
        let taken = self.work(Does::Most, amount, zero);
        let divisor = self.constant(factor(taken.scale));
        self.step(Does::Take, divisor, index, taken.place);
        self.place_label(next);
    }

    pub(super) fn levy(&mut self, index: u16) {
        let levy = &self.law.state.levies[usize::from(index)];
        let in_force = levy.in_force.map_or(Some(true), |value| self.settled(self.nodes[usize::from(value)]));
        let never = in_force == Some(false) || levy.when.is_some_and(|when| self.settled(when) == Some(false));
        let (DateRule::Fact(fact) | DateRule::Payment(fact)) = levy.date else {
            if !never || in_force.is_none() {
                self.begin();
                self.levy_of(index, levy, in_force);
            }
            return;
        };
        // Under its own date, nothing that was found holds, nor does what is found here for those after it.
        self.begin();
        let (found, kept) = (core::mem::take(&mut self.found), core::mem::take(&mut self.kept));
        self.step(Does::Date, 0, fact, 0);
        if !never || in_force.is_none() {
            self.levy_of(index, levy, in_force);
        }
        self.step(Does::Copy, LAW_DATE, REQUEST_DATE, 0);
        (self.found, self.kept, self.lasting) = (found, kept, usize::MAX);
    }

    fn levy_of(&mut self, index: u16, levy: &Levy, in_force: Option<bool>) {
        match in_force {
            Some(_) => self.in_force(index, levy, self.next),
            // Whether it is in force is not known then.
            None => self.step(Does::Leave, 0, 0, 0),
        }
        self.place_label(self.next);
    }

    fn in_force(&mut self, index: u16, levy: &Levy, next: u16) {
        let by_row = levy.each.is_some() && levy.when.is_some_and(|when| !self.same_everywhere(when));
        if let Some(when) = levy.when.filter(|_| !by_row) {
            self.branch(when, false, next);
        }
        let Some(list) = levy.each else {
            return self.one(index, levy);
        };
        let (rows, zero, one) = (self.place(), self.constant(0), self.constant(1));
        let (top, next_row) = (self.label(), self.label());
        self.step(Does::Rows, rows, u16::from(list), 0);
        self.step(Does::Copy, ROW, zero, 0);
        self.place_label(top);
        self.step(Does::JumpUnlessLess, next, ROW, rows);
        self.apart(|this| {
            if let Some(when) = levy.when.filter(|_| by_row) {
                this.branch(when, false, next_row);
            }
            this.one(index, levy);
        });
        self.place_label(next_row);
        self.step(Does::Add, ROW, ROW, one);
        self.step(Does::Jump, top, 0, 0);
    }

    fn one(&mut self, index: u16, levy: &Levy) {
        if levy.category == RANGE {
            return self.step(Does::Leave, 0, 0, 0);
        }
        let one = Number { place: self.constant(1), scale: 0 };
        let count = match levy.count {
            Some(count) => self.number(count),
            None => one,
        };
        if count.scale != 0 {
            return self.step(Does::Leave, 0, 0, 0);
        }
        self.jump(Does::JumpIfLess, self.leave, count, one);
        if let DateRule::Payment(_) = levy.date {
            let last = self.last_payment(levy);
            let last = self.constant(last);
            self.step(Does::Payments, 0, count.place, last);
        }
        let base = match levy.base {
            Some(base) => self.number(base),
            None => self.zero(),
        };
        if let Some(running) = levy.running {
            return self.running(index, levy, running, base, count.place);
        }
        self.base = Some(base);
        let mut sliced = base;
        if levy.slice_over.is_some() || levy.slice_to.is_some() {
            let zero = self.zero();
            let over = levy.slice_over.map_or(zero, |over| self.number(over));
            if let Some(to) = levy.slice_to {
                let to = self.number(to);
                sliced = self.work(Does::Least, sliced, to);
            }
            sliced = self.work(Does::Subtract, sliced, over);
            sliced = self.work(Does::Most, sliced, zero);
        }
        self.charge(index, levy, sliced, count.place);
    }

    /// The last day on which a payment's law is the same: no value that it reads changes before.
    fn last_payment(&self, levy: &Levy) -> i64 {
        let law = self.law;
        let mut seen = vec![false; law.state.values.len()];
        let mut ahead: Vec<u32> = slots_of_payment(levy).into_iter().flatten().collect();
        let mut last = i64::MAX;
        while let Some(index) = ahead.pop() {
            let node = &law.state.nodes[index as usize];
            ahead.extend(self.parts(node));
            for value in
                self.values(node).into_iter().filter(|value| !core::mem::replace(&mut seen[usize::from(*value)], true))
            {
                ahead.push(self.nodes[usize::from(value)]);
                last = last.min(law.last_day(self.era, value));
            }
        }
        last
    }

    fn running(&mut self, index: u16, levy: &Levy, running: Running, payment: Number, count: u16) {
        let zero = self.zero();
        self.base = None;
        let credit = running.credit.map_or(zero, |credit| self.number(credit));
        let first = self.number(running.first);
        let over = levy.slice_over.map_or(zero, |over| self.number(over));
        let to = levy.slice_to.map(|to| self.number(to));
        if [payment, credit, first, over].into_iter().chain(to).any(|number| number.scale > 0) {
            return self.step(Does::Leave, 0, 0, 0);
        }
        let charged = (self.place(), self.place());
        let steps = self.label();
        let place = self.program.running.len() as u16;
        self.program.running.push(RunningSum {
            first: first.place,
            credit: credit.place,
            payment: payment.place,
            count,
            slice: (over.place, to.map(|to| to.place)),
            charged,
            steps,
        });
        self.step(Does::Running, 0, place, 0);
        self.elsewhere(steps, |this| {
            this.apart(|this| this.charge(index, levy, Number { place: charged.0, scale: 0 }, charged.1));
            this.step(Does::End, 0, 0, 0);
        });
    }

    /// Share, rate, bounds and rounding on a base that is already sliced.
    fn charge(&mut self, index: u16, levy: &Levy, sliced: Number, count: u16) {
        let mut base = sliced;
        self.base = Some(base);
        if let Some(share) = levy.share {
            let share = self.number(share);
            base = self.work(Does::Multiply, base, share);
            self.base = Some(base);
        }
        let rate = levy.rate.map(|rate| {
            let number = self.number(rate);
            self.lifted(number, 1)
        });
        let mut tax = match (levy.amount, rate) {
            (Some(amount), _) => self.number(amount),
            (None, Some(rate)) => self.work(Does::Multiply, base, rate),
            (None, None) => base,
        };
        for (bound, keep) in [(levy.most, Does::Least), (levy.least, Does::Most)] {
            if let Some(bound) = bound {
                let bound = self.number(bound);
                tax = self.work(keep, tax, bound);
            }
        }
        let divisor = levy.round_unit.checked_mul(factor(tax.scale));
        let (Some(divisor), None | Some(1)) = (divisor, rate.map(|rate| rate.scale)) else {
            return self.step(Does::Leave, 0, 0, 0);
        };
        let line = Charge {
            levy: index,
            due: levy.due,
            each: levy.each.is_some(),
            base: (base.place, factor(base.scale)),
            rate: rate.map(|rate| rate.place),
            tax: tax.place,
            rounding: Rounding { divisor, unit: levy.round_unit, way: levy.round_way },
            count,
        };
        self.step(Does::Line, 0, self.program.charges.len() as u16, 0);
        self.program.charges.push(line);
    }
}

/// What a levy's lines are made of.
pub(super) fn slots(levy: &Levy) -> [Option<u32>; 12] {
    let [base, over, to, share, rate, amount, most, least] = slots_of_payment(levy);
    let first = levy.running.map(|running| running.first);
    let credit = levy.running.and_then(|running| running.credit);
    [levy.when, levy.count, first, credit, base, over, to, share, rate, amount, most, least]
}

/// What of these is asked again for each payment.
fn slots_of_payment(levy: &Levy) -> [Option<u32>; 8] {
    let slice = (levy.slice_over, levy.slice_to);
    [levy.base, slice.0, slice.1, levy.share, levy.rate, levy.amount, levy.most, levy.least]
}
