//! What is found once and used again.

use super::*;

impl Compiler<'_> {
    pub(super) fn known_place(&self, item: Item) -> Option<Number> {
        self.found.iter().find(|(found, _)| *found == item).map(|(_, number)| *number)
    }

    /// Whether a value is found once: when it is asked often and takes more than a few steps.
    pub(super) fn is_kept(&self, value: u16) -> bool {
        self.law.state.values[usize::from(value)].constant
            && self.value_uses[usize::from(value)] > 1
            && self.size(self.nodes[usize::from(value)], FEW) > FEW
    }

    /// How many nodes there are under a node, up to a few more than `most`.
    fn size(&self, index: u32, most: usize) -> usize {
        if self.fixed_node(index).is_some() {
            return 0;
        }
        let node = &self.law.state.nodes[index as usize];
        let of_values = self.values(node).into_iter().map(|value| self.nodes[usize::from(value)]);
        let mut size = 1;
        for part in self.parts(node).into_iter().chain(of_values) {
            size += self.size(part, most);
            if size > most {
                break;
            }
        }
        size
    }

    /// What is found once: here, where every way to what follows comes by, else when it is first asked, by a part of its own.
    pub(super) fn kept(&mut self, named: Named) -> Number {
        if let Some(number) = self.known_place(Item::Named(named)) {
            return number;
        }
        if self.forked.is_none() && self.lasting == usize::MAX {
            let number = self.for_all(|this| this.of_name(named));
            self.found.push((Item::Named(named), number));
            return number;
        }
        let known = self.kept.iter().find(|(kept, ..)| *kept == named).map(|(_, number, label)| (*number, *label));
        let (number, label) = known.unwrap_or_else(|| {
            let label = self.label();
            let number = self.elsewhere(label, |this| this.part_of(named));
            self.kept.push((named, number, label));
            (number, label)
        });
        self.step(Does::Ensure, label, number.place, 0);
        self.found.push((Item::Named(named), number));
        number
    }

    fn of_name(&mut self, named: Named) -> Number {
        match named {
            Named::Value(value) => self.number(self.nodes[usize::from(value)]),
            Named::Base(base) => self.sum(base),
        }
    }

    /// Steps to be taken from anywhere: they begin with what is found on every way.
    fn part_of(&mut self, named: Named) -> Number {
        let lasting = self.lasting.min(self.forked.unwrap_or(usize::MAX)).min(self.found.len());
        let here = self.found[..lasting].to_vec();
        let outside = (core::mem::replace(&mut self.found, here), self.lasting, self.forked);
        (self.lasting, self.forked) = (usize::MAX, Some(lasting));
        let place = self.kept_place();
        let number = self.for_all(|this| match named {
            Named::Value(value) => this.joined(this.nodes[usize::from(value)], place),
            Named::Base(base) => {
                let sum = this.sum(base);
                this.put(sum, place);
                sum
            }
        });
        self.step(Does::Found, 0, place, 0);
        (self.found, self.lasting, self.forked) = outside;
        Number { place, ..number }
    }

    /// Writes steps whose numbers outlast the levy.
    fn for_all(&mut self, write: impl FnOnce(&mut Self) -> Number) -> Number {
        let outside = (self.for_all, self.base, self.items, self.due);
        self.for_all = true;
        let number = write(self);
        (self.for_all, self.base, self.items, self.due) = outside;
        number
    }
}
