//! Steps, labels, places, and numbers made of two others.

use super::*;

impl Compiler<'_> {
    pub(super) fn step(&mut self, does: Does, to: u16, a: u16, b: u16) {
        if to == self.next && jumps(does) {
            self.lasting = self.lasting.min(self.found.len());
        }
        self.parts[self.part].push(Step { does, to, a, b });
    }

    pub(super) fn label(&mut self) -> u16 {
        self.labels.push((0, 0));
        (self.labels.len() - 1) as u16
    }

    /// Part and place of the next step.
    pub(super) fn here(&self) -> (usize, usize) {
        (self.part, self.parts[self.part].len())
    }

    pub(super) fn place_label(&mut self, label: u16) {
        self.labels[usize::from(label)] = self.here();
    }

    /// Writes steps that are not taken on every way: what they find is not found behind them.
    pub(super) fn apart<T>(&mut self, write: impl FnOnce(&mut Self) -> T) -> T {
        let (found, forked) = (self.found.len(), self.forked);
        self.forked = forked.or(Some(found));
        let written = write(self);
        self.forked = forked;
        self.found.truncate(found);
        self.lasting = if self.lasting == usize::MAX { self.lasting } else { self.lasting.min(found) };
        written
    }

    /// Writes a part of its own.
    pub(super) fn elsewhere<T>(&mut self, label: u16, write: impl FnOnce(&mut Self) -> T) -> T {
        let part = core::mem::replace(&mut self.part, self.parts.len());
        self.parts.push(Vec::new());
        self.place_label(label);
        let written = write(self);
        self.part = part;
        written
    }

    pub(super) fn place(&mut self) -> u16 {
        if self.for_all {
            return self.kept_place();
        }
        self.free = self.free.saturating_add(1);
        self.most_free = self.most_free.max(self.free);
        self.free - 1
    }

    pub(super) fn kept_place(&mut self) -> u16 {
        self.end = self.end.saturating_sub(1);
        self.end
    }

    pub(super) fn constant(&mut self, number: i64) -> u16 {
        let constants = &mut self.program.constants;
        let at = constants.iter().position(|known| *known == number).unwrap_or_else(|| {
            constants.push(number);
            constants.len() - 1
        });
        CONSTANTS + at as u16
    }

    pub(super) fn zero(&mut self) -> Number {
        Number { place: self.constant(0), scale: 0 }
    }

    /// The number at a place, where it is a constant.
    pub(super) fn fixed(&self, number: Number) -> Option<i64> {
        self.program.constants.get(usize::from(number.place.checked_sub(CONSTANTS)?)).copied()
    }

    /// A number of two others, brought to one scale unless they are multiplied.
    pub(super) fn work(&mut self, does: Does, a: Number, b: Number) -> Number {
        let (a, b, scale) = if does == Does::Multiply {
            (a, b, a.scale + b.scale)
        } else {
            let (a, b) = self.alike(a, b);
            (a, b, a.scale)
        };
        if scale > MOST_SCALE {
            return self.leave_here();
        }
        let number = match (self.fixed(a), self.fixed(b), does) {
            (Some(a), Some(b), _) => calculated(does, a, b),
            (_, Some(0), Does::Add | Does::Subtract) => return a,
            (Some(0), _, Does::Add) => return b,
            (Some(0), _, Does::Multiply) | (_, Some(0), Does::Multiply) => Some(0),
            (_, Some(1), Does::Multiply) => return Number { scale, ..a },
            _ => None,
        };
        if let Some(number) = number {
            return Number { place: self.constant(number), scale };
        }
        let to = self.place();
        self.step(does, to, a.place, b.place);
        Number { place: to, scale }
    }

    fn alike(&mut self, a: Number, b: Number) -> (Number, Number) {
        let scale = a.scale.max(b.scale);
        (self.lifted(a, scale), self.lifted(b, scale))
    }

    pub(super) fn lifted(&mut self, number: Number, scale: u8) -> Number {
        if number.scale >= scale {
            return number;
        }
        let by = Number { place: self.constant(factor(scale - number.scale)), scale: scale - number.scale };
        self.work(Does::Multiply, number, by)
    }

    /// A jump to a label on two numbers, settled here where both are constants.
    pub(super) fn jump(&mut self, does: Does, label: u16, a: Number, b: Number) {
        let (a, b) = self.alike(a, b);
        match (self.fixed(a), self.fixed(b)) {
            (Some(a), Some(b)) => {
                let holds = match does {
                    Does::JumpIfEqual => a == b,
                    Does::JumpUnlessEqual => a != b,
                    Does::JumpIfLess => a < b,
                    _ => a >= b,
                };
                if holds {
                    self.step(Does::Jump, label, 0, 0);
                }
            }
            _ => self.step(does, label, a.place, b.place),
        }
    }

    pub(super) fn leave_here(&mut self) -> Number {
        self.step(Does::Leave, 0, 0, 0);
        self.zero()
    }
}

/// Whether a step names another one to go on with.
pub(super) fn jumps(does: Does) -> bool {
    matches!(
        does,
        Does::Jump
            | Does::JumpIfEqual
            | Does::JumpUnlessEqual
            | Does::JumpIfLess
            | Does::JumpUnlessLess
            | Does::JumpIfKnown
            | Does::JumpUnlessKnown
            | Does::JumpIfListKnown
            | Does::JumpUnlessListKnown
            | Does::JumpIfRowKnown
            | Does::JumpUnlessRowKnown
            | Does::Ensure
            | Does::Due
    )
}

/// Whether a step does nothing but find the number of its place `to`.
pub(super) fn finds(does: Does) -> bool {
    use Does::{Add, Copy, HomeTax, Least, Most, Multiply, Pick, Round, RowField, Subtract, Sum, Total};
    matches!(does, Copy | Add | Subtract | Multiply | Least | Most | Total | Pick | Round | RowField | Sum | HomeTax)
}

/// The jump that is taken where another is not.
pub(super) fn opposite(does: Does) -> Option<Does> {
    Some(match does {
        Does::JumpIfEqual => Does::JumpUnlessEqual,
        Does::JumpUnlessEqual => Does::JumpIfEqual,
        Does::JumpIfLess => Does::JumpUnlessLess,
        Does::JumpUnlessLess => Does::JumpIfLess,
        Does::JumpIfKnown => Does::JumpUnlessKnown,
        Does::JumpUnlessKnown => Does::JumpIfKnown,
        _ => return None,
    })
}

pub(super) fn calculated(does: Does, a: i64, b: i64) -> Option<i64> {
    match does {
        Does::Add => a.checked_add(b),
        Does::Subtract => a.checked_sub(b),
        Does::Multiply => a.checked_mul(b),
        Does::Least => Some(a.min(b)),
        Does::Most => Some(a.max(b)),
        _ => None,
    }
}

/// A million to the power of a scale.
pub(super) fn factor(scale: u8) -> i64 {
    match scale {
        0 => 1,
        1 => MILLION,
        _ => MILLION * MILLION,
    }
}
