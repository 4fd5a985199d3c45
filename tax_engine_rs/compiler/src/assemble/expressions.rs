//! Expressions: names resolved, types held, nodes written.

use super::*;

impl Assembler<'_> {
    pub(super) fn emit(&mut self, node: Node) -> u32 {
        if let Some(place) = self.known_nodes.get(&node) {
            return *place;
        }
        let place = self.nodes.len() as u32;
        self.nodes.push(node.clone());
        self.known_nodes.insert(node, place);
        place
    }

    pub(super) fn optional(&mut self, text: Option<&str>, of: &Type, place: Place) -> Result<Option<u32>, Fault> {
        text.map(|text| self.literal(text, of, place)).transpose()
    }

    pub(super) fn typed(&mut self, text: &str, of: &Type, place: Place) -> Result<u32, Fault> {
        let (node, found) = self.expression(text, place)?;
        let fits = found == *of || found == Type::Zero && matches!(of, Type::Money | Type::Rate | Type::Count);
        if fits { Ok(node) } else { fault(format!("«{text}» is {found:?}, {of:?} is expected")) }
    }

    pub(super) fn expression(&mut self, text: &str, place: Place) -> Result<(u32, Type), Fault> {
        let tree = parse(text)?;
        self.tree(&tree, place).map_err(|Fault(what)| Fault(format!("{what} in «{text}»")))
    }

    pub(super) fn tree(&mut self, tree: &Tree, place: Place) -> Result<(u32, Type), Fault> {
        Ok(match tree {
            Tree::Money(cents) => (self.emit(Node::Whole(*cents)), Type::Money),
            Tree::Rate(parts) => (self.emit(Node::PerMillion(*parts)), Type::Rate),
            Tree::Count(0) => (self.emit(Node::Whole(0)), Type::Zero),
            Tree::Count(count) => (self.emit(Node::Whole(*count)), Type::Count),
            Tree::YesNo(yes) => (self.emit(Node::Whole(i64::from(*yes))), Type::YesNo),
            Tree::Date(day) => (self.emit(Node::Whole(*day)), Type::Date),
            Tree::Word(word) => match state_code(word) {
                Some(code) => (self.emit(Node::Whole(code)), Type::Word(word.clone())),
                None => (self.emit(Node::Whole(-1)), Type::Word(word.clone())),
            },
            Tree::Name(name) => self.name(name, place)?,
            Tree::Unary("not", inside) => {
                let inside = self.sub(inside, &Type::YesNo, place)?;
                (self.emit(Node::Not(inside)), Type::YesNo)
            }
            Tree::Unary(_, inside) => {
                let (inside, of) = self.tree(inside, place)?;
                (self.emit(Node::Negative(inside)), of)
            }
            Tree::Binary(sign, left, right) => self.binary(sign, left, right, place)?,
            Tree::If(condition, yes, no) => {
                let condition = self.sub(condition, &Type::YesNo, place)?;
                let (yes, of_yes) = self.tree(yes, place)?;
                let (no, of_no) = self.tree(no, place)?;
                let of = same(&of_yes, &of_no)?;
                (self.emit(Node::If(condition, yes, no)), of)
            }
            Tree::In(left, choices) => {
                let (left, of) = self.tree(left, place)?;
                let mut arguments = vec![left];
                for choice in choices {
                    let (node, of_choice) = self.tree(choice, place)?;
                    arguments.push(self.word(&of, node, &of_choice)?);
                }
                (self.emit(Node::Call(Function::In, arguments)), Type::YesNo)
            }
            Tree::Call(name, arguments) => self.call(name, arguments, place)?,
        })
    }

    pub(super) fn sub(&mut self, tree: &Tree, of: &Type, place: Place) -> Result<u32, Fault> {
        let (node, found) = self.tree(tree, place)?;
        let fits = found == *of || found == Type::Zero && matches!(of, Type::Money | Type::Rate | Type::Count);
        if fits { Ok(node) } else { fault(format!("{of:?} is expected, not {found:?}")) }
    }

    /// A quoted word takes the type of its other side.
    pub(super) fn word(&mut self, of: &Type, node: u32, found: &Type) -> Result<u32, Fault> {
        match (of, found) {
            (Type::Choice(choices), Type::Word(word)) => match choices.iter().position(|choice| choice == word) {
                Some(place) => Ok(self.emit(Node::Whole(place as i64))),
                None => fault(format!("'{word}' is none of {choices:?}")),
            },
            (Type::State, Type::Word(word)) => match state_code(word) {
                Some(_) => Ok(node),
                None => fault(format!("'{word}' is no state")),
            },
            _ => same(of, found).map(|_| node),
        }
    }

    pub(super) fn name(&mut self, name: &str, place: Place) -> Result<(u32, Type), Fault> {
        let in_levy = matches!(place, Place::Levy | Place::Bound);
        let slot = match name {
            "items" if place == Place::Test => Some((Node::Items, Type::Money)),
            "base" if in_levy => Some((Node::BaseAmount, Type::Money)),
            "tax" if place == Place::Bound => Some((Node::Tax, Type::Money)),
            "due" if place == Place::Credit => Some((Node::Due, Type::Money)),
            "here" => Some((Node::Here, Type::State)),
            "law_date" => Some((Node::LawDate, Type::Date)),
            "home.tax" => Some((Node::HomeTax, Type::Money)),
            "home.known" => Some((Node::HomeKnown, Type::YesNo)),
            _ => None,
        };
        if let Some((node, of)) = slot {
            return Ok((self.emit(node), of));
        }
        if let Some(field) = name.strip_prefix("row.") {
            let (list, field, of) = self.field(field)?;
            return Ok((self.emit(Node::RowField(list, field)), of));
        }
        if let Some(fact) = self.catalogue.fact(name) {
            let of = self.catalogue.facts[usize::from(fact)].expression_type();
            return Ok((self.emit(Node::Fact(fact)), of));
        }
        let Some((index, of)) = self.names.get(name).cloned() else {
            return fault(format!("{name} is no fact, value or base"));
        };
        self.read.insert(index);
        Ok((self.emit(Node::Value(index)), of))
    }

    /// A field of the row at hand; a value that reads one is meant for levies on `local` rows.
    pub(super) fn field(&self, name: &str) -> Result<(u8, u8, Type), Fault> {
        let list = self.list.or_else(|| self.catalogue.list("local")).ok_or(Fault("there is no row here".into()))?;
        let fields = &self.catalogue.lists[usize::from(list)].fields;
        match fields.iter().position(|field| field.name == name) {
            Some(place) => Ok((list, place as u8, fields[place].expression_type())),
            None => fault(format!("a row has no field {name}")),
        }
    }

    pub(super) fn binary(
        &mut self,
        sign: &'static str,
        left: &Tree,
        right: &Tree,
        place: Place,
    ) -> Result<(u32, Type), Fault> {
        if let "and" | "or" = sign {
            let operator = if sign == "and" { Operator::And } else { Operator::Or };
            let left = self.sub(left, &Type::YesNo, place)?;
            let right = self.sub(right, &Type::YesNo, place)?;
            return Ok((self.emit(Node::Binary(operator, left, right)), Type::YesNo));
        }
        let (mut a, of_a) = self.tree(left, place)?;
        let (mut b, of_b) = self.tree(right, place)?;
        if let "=" | "!=" | "<" | "<=" | ">" | ">=" = sign {
            if let Type::Word(_) = of_a {
                a = self.word(&of_b, a, &of_a)?;
            } else {
                b = self.word(&of_a, b, &of_b)?;
            }
            let (operator, x, y, negate) = match sign {
                "=" => (Operator::Equal, a, b, false),
                "!=" => (Operator::Equal, a, b, true),
                "<" => (Operator::Less, a, b, false),
                "<=" => (Operator::LessOrEqual, a, b, false),
                ">" => (Operator::Less, b, a, false),
                _ => (Operator::LessOrEqual, b, a, false),
            };
            let node = self.emit(Node::Binary(operator, x, y));
            return Ok((if negate { self.emit(Node::Not(node)) } else { node }, Type::YesNo));
        }
        use Type::{Count, Date, Money, Rate, Zero};
        let (operator, of) = match (sign, &of_a, &of_b) {
            ("+", Count, Rate) | ("+", Rate, Count) => (Operator::Add, Rate),
            ("-", Count, Rate) | ("-", Rate, Count) => (Operator::Subtract, Rate),
            ("-", Date, Date) => (Operator::Subtract, Count),
            ("+" | "-", Money | Rate | Count | Zero, Money | Rate | Count | Zero) => {
                (if sign == "+" { Operator::Add } else { Operator::Subtract }, same(&of_a, &of_b)?)
            }
            ("*", Money, Rate | Count) | ("*", Rate | Count, Money) => (Operator::Multiply, Money),
            ("*", Rate, Rate | Count) | ("*", Count, Rate) => (Operator::Multiply, Rate),
            ("*", Count, Count) => (Operator::Multiply, Count),
            ("/", Money, Money) | ("/", Count, Count) | ("/", Rate, Rate | Count) | ("/", Count, Rate) => {
                (Operator::Divide, Rate)
            }
            ("/", Money, Rate | Count) => (Operator::Divide, Money),
            _ => return fault(format!("{of_a:?} {sign} {of_b:?} has no meaning")),
        };
        Ok((self.emit(Node::Binary(operator, a, b)), of))
    }

    pub(super) fn call(&mut self, name: &str, arguments: &[Tree], place: Place) -> Result<(u32, Type), Fault> {
        match (name, arguments) {
            ("known", [Tree::Name(fact)]) => {
                let node = match (fact.strip_prefix("row."), self.catalogue.list(fact)) {
                    (Some(field), _) => {
                        let (list, field, _) = self.field(field)?;
                        Node::RowKnown(list, field)
                    }
                    (None, Some(list)) => Node::ListKnown(list),
                    (None, None) => Node::Known(self.catalogue.fact(fact).ok_or(Fault(format!("{fact} is no fact")))?),
                };
                return Ok((self.emit(node), Type::YesNo));
            }
            ("given", [Tree::Name(fact)]) => {
                let fact = self.catalogue.fact(fact).ok_or(Fault(format!("{fact} is no fact")))?;
                let of = self.catalogue.facts[usize::from(fact)].expression_type();
                return Ok((self.emit(Node::Given(fact)), of));
            }
            ("read", [table @ Tree::Name(_)]) => return self.tree(table, place),
            ("marginal", [Tree::Name(table), x]) => return self.marginal(table, x, place),
            ("total", [Tree::Name(list), inside]) => {
                let list = self.catalogue.list(list).ok_or(Fault(format!("{list} is no list")))?;
                let outside = (self.list.replace(list), std::mem::replace(&mut self.row_bound, true));
                let inside = self.tree(&bare_fields(inside, &self.catalogue.lists[usize::from(list)]), place);
                (self.list, self.row_bound) = outside;
                let (inside, of) = inside?;
                return Ok((self.emit(Node::Total(list, inside)), of));
            }
            ("largest", [Tree::Name(list), Tree::Name(field), n]) => {
                let list = self.catalogue.list(list).ok_or(Fault(format!("{list} is no list")))?;
                let fields = &self.catalogue.lists[usize::from(list)].fields;
                let place_of = fields.iter().position(|known| &known.name == field);
                let place_of = place_of.ok_or(Fault(format!("a row has no field {field}")))?;
                let of = fields[place_of].expression_type();
                let n = self.sub(n, &Type::Count, place)?;
                return Ok((self.emit(Node::Largest(list, place_of as u8, n)), of));
            }
            ("clamp", [x, least, most]) => {
                let inner = Tree::Call("max".into(), vec![x.clone(), least.clone()]);
                return self.call("min", &[inner, most.clone()], place);
            }
            _ => {}
        }
        let way = |tree: &Tree| match tree {
            Tree::Name(word) => match word.as_str() {
                "up" => Ok(Way::Up),
                "down" => Ok(Way::Down),
                "nearest" | "half_up" => Ok(Way::HalfUp),
                "half_even" => Ok(Way::HalfEven),
                _ => fault(format!("{word} is no way to round")),
            },
            _ => fault("a way to round is expected".into()),
        };
        let (function, rest) = match (name, arguments) {
            ("units", [x, size, word]) => (Function::Units(way(word)?), vec![x, size]),
            ("round", [x, unit, word]) => (Function::Round(way(word)?), vec![x, unit]),
            ("min", [_, _, ..]) => (Function::Min, arguments.iter().collect()),
            ("max", [_, _, ..]) => (Function::Max, arguments.iter().collect()),
            ("over", [_, _]) => (Function::Over, arguments.iter().collect()),
            ("slice", [_, _, _]) => (Function::Slice, arguments.iter().collect()),
            ("power", [_, _]) => (Function::Power, arguments.iter().collect()),
            ("year", [_]) => (Function::Year, arguments.iter().collect()),
            ("months_between", [_, _]) => (Function::MonthsBetween, arguments.iter().collect()),
            ("years_between", [_, _]) => (Function::YearsBetween, arguments.iter().collect::<Vec<_>>()),
            _ => return fault(format!("there is no {name} of {} arguments", arguments.len())),
        };
        let mut nodes = Vec::new();
        let mut types = Vec::new();
        for argument in rest {
            let (node, of) = self.tree(argument, place)?;
            nodes.push(node);
            types.push(of);
        }
        let of = match function {
            Function::Units(_) => same(&types[0], &types[1]).map(|_| Type::Count)?,
            Function::Power => types[0].clone(),
            Function::Year | Function::MonthsBetween | Function::YearsBetween
                if types.iter().all(|of| *of == Type::Date) =>
            {
                Type::Count
            }
            Function::Year | Function::MonthsBetween | Function::YearsBetween => {
                return fault(format!("{name} takes dates"));
            }
            _ => {
                let mut of = types[0].clone();
                for other in &types[1..] {
                    of = same(&of, other)?;
                }
                of
            }
        };
        Ok((self.emit(Node::Call(function, nodes)), of))
    }

    /// Reads each period's own rows by parts, through a value made for it.
    pub(super) fn marginal(&mut self, table: &str, x: &Tree, place: Place) -> Result<(u32, Type), Fault> {
        let (index, of) = self.names.get(table).cloned().ok_or(Fault(format!("{table} is no table")))?;
        if of != Type::Rate {
            return fault(format!("the rows of {table} are no rates"));
        }
        self.read.insert(index);
        let x = self.sub(x, &Type::Money, place)?;
        let says = self.texts[usize::from(index)].says.clone();
        let made = self.add_value(&format!("{table}.by_parts"), &says, "value", &Type::Money, None);
        self.read.insert(made);
        for row in self.values[usize::from(index)].rows.clone() {
            let node = match self.nodes[row.node as usize] {
                Node::Table(number) => self.emit(Node::Marginal(number, x)),
                Node::NotKnown => row.node,
                _ => return fault(format!("{table} is no table")),
            };
            self.values[usize::from(made)].rows.push(Row { node, ..row });
        }
        Ok((self.emit(Node::Value(made)), Type::Money))
    }

    // --- proofs -----------------------------------------------------------------------------------------------------
}

/// The common type of two, if there is one.
fn same(a: &Type, b: &Type) -> Result<Type, Fault> {
    match (a, b) {
        _ if a == b => Ok(a.clone()),
        (Type::Zero, Type::Money | Type::Rate | Type::Count) => Ok(b.clone()),
        (Type::Money | Type::Rate | Type::Count, Type::Zero) => Ok(a.clone()),
        (Type::Count, Type::Rate) | (Type::Rate, Type::Count) => Ok(Type::Rate),
        _ => fault(format!("{a:?} and {b:?} are not of one type")),
    }
}

/// In `total(local, rate)` the fields of the list may stand without `row.`.
fn bare_fields(tree: &Tree, list: &crate::catalogue::ListInput) -> Tree {
    match tree {
        Tree::Name(name) if list.fields.iter().any(|field| &field.name == name) => Tree::Name(format!("row.{name}")),
        other => other.clone(),
    }
}
