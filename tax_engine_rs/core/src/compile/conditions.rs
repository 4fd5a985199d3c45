//! Nodes as conditions.

use super::*;

impl Compiler<'_> {
    /// Goes to a label when a condition is as `wanted`, else on. What it leaves as found is found on both ways.
    pub(super) fn branch(&mut self, index: u32, wanted: bool, label: u16) {
        let law = self.law;
        if let Some(holds) = self.settled(index) {
            if holds == wanted {
                self.step(Does::Jump, label, 0, 0);
            }
            return;
        }
        let pick = |holds: Does, fails: Does| if wanted { holds } else { fails };
        match &law.state.nodes[index as usize] {
            Node::Not(a) => self.branch(*a, !wanted, label),
            Node::Binary(operator @ (Operator::And | Operator::Or), a, b) => {
                let decides = *operator == Operator::Or;
                let behind = self.label();
                self.branch(*a, decides, if wanted == decides { label } else { behind });
                self.apart(|this| this.branch(*b, wanted, label));
                self.place_label(behind);
            }
            Node::Binary(operator @ (Operator::Equal | Operator::Less | Operator::LessOrEqual), a, b) => {
                let (a, b) = (self.number(*a), self.number(*b));
                match operator {
                    Operator::Equal => self.jump(pick(Does::JumpIfEqual, Does::JumpUnlessEqual), label, a, b),
                    Operator::Less => self.jump(pick(Does::JumpIfLess, Does::JumpUnlessLess), label, a, b),
                    _ => self.jump(pick(Does::JumpUnlessLess, Does::JumpIfLess), label, b, a),
                }
            }
            Node::Known(fact) => self.step(pick(Does::JumpIfKnown, Does::JumpUnlessKnown), label, *fact, 0),
            Node::ListKnown(list) => {
                self.step(pick(Does::JumpIfListKnown, Does::JumpUnlessListKnown), label, u16::from(*list), 0);
            }
            Node::RowKnown(list, field) => {
                let does = pick(Does::JumpIfRowKnown, Does::JumpUnlessRowKnown);
                self.step(does, label, u16::from(*list), u16::from(*field));
            }
            Node::Call(Function::In, arguments) => {
                let behind = self.label();
                let x = self.number(arguments[0]);
                for &argument in &arguments[1..] {
                    self.apart(|this| {
                        let one = this.number(argument);
                        this.jump(Does::JumpIfEqual, if wanted { label } else { behind }, x, one);
                    });
                }
                if !wanted {
                    self.step(Does::Jump, label, 0, 0);
                }
                self.place_label(behind);
            }
            Node::If(condition, a, b) => {
                let (other, behind) = (self.label(), self.label());
                self.branch(*condition, false, other);
                self.apart(|this| this.branch(*a, wanted, label));
                self.step(Does::Jump, behind, 0, 0);
                self.place_label(other);
                self.apart(|this| this.branch(*b, wanted, label));
                self.place_label(behind);
            }
            Node::Value(value) if !self.is_kept(*value) => {
                self.branch(self.nodes[usize::from(*value)], wanted, label);
            }
            _ => {
                let (number, zero) = (self.number(index), self.zero());
                self.jump(pick(Does::JumpUnlessEqual, Does::JumpIfEqual), label, number, zero);
            }
        }
    }
}
