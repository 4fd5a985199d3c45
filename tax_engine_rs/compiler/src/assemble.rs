//! From a rule file to the engine's [`State`]: names are resolved, types checked, expressions become nodes.

use crate::Fault;
use crate::catalogue::Catalogue;
use crate::expression::{Tree, Type, day, parse, scaled};
use crate::periods::{DatedRow, dated};
use crate::rule_file::*;
use crate::tables::table_rows;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use tax_core::*;

/// Names that have a meaning of their own in expressions.
const RESERVED: [&str; 8] = ["items", "base", "tax", "due", "here", "home", "row", "law_date"];

/// What a value of the pack is called, for its texts.
#[derive(Debug)]
pub struct ValueText {
    pub id: String,
    pub says: String,
    pub unit: &'static str,
    /// item | credit | base | value | in_force | tax_credit | default
    pub role: &'static str,
    pub rows: Vec<DatedRow>,
}

/// A state of the pack with the names that the pack leaves out.
pub struct Assembled {
    pub state: State,
    pub values: Vec<ValueText>,
}

/// Which slot names an expression may use.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Plain,
    Test,
    Levy,
    Bound,
    Credit,
}

struct Assembler<'a> {
    catalogue: &'a Catalogue,
    file: &'a RuleFile,
    floor: i64,
    horizon: i64,
    nodes: Vec<Node>,
    known_nodes: HashMap<Node, u32>,
    values: Vec<Value>,
    texts: Vec<ValueText>,
    bases: Vec<Base>,
    tables: Vec<Table>,
    names: HashMap<String, (u16, Type)>,
    read: BTreeSet<u16>,
    /// Lists whose row is at hand: that of the levy, that of a total.
    list: Option<u8>,
    row_bound: bool,
}

fn fault<T>(text: String) -> Result<T, Fault> {
    Err(Fault(text))
}

/// Builds the state of a rule file.
pub fn assemble(file: &RuleFile, catalogue: &Catalogue, floor: i64, horizon: i64) -> Result<Assembled, Fault> {
    let code = state_code(&file.code).filter(|code| *code != 0);
    let code = code.ok_or(Fault(format!("code {:?} is not two capital letters", file.code)))?;
    let mut assembler = Assembler {
        catalogue,
        file,
        floor,
        horizon,
        nodes: Vec::new(),
        known_nodes: HashMap::new(),
        values: Vec::new(),
        texts: Vec::new(),
        bases: Vec::new(),
        tables: Vec::new(),
        names: HashMap::new(),
        read: BTreeSet::new(),
        list: None,
        row_bound: false,
    };
    assembler.declare()?;
    assembler.fill_values()?;
    assembler.fill_bases()?;
    let defaults = assembler.defaults()?;
    let levies = assembler.levies()?;
    let credits = assembler.credits(&levies)?;
    assembler.prove_acyclic()?;
    assembler.prove_rows(&levies, &credits)?;
    assembler.mark_constants();
    assembler.prove_read()?;
    let reviewed = day(&file.reviewed.to_string()).ok_or(Fault("reviewed is no date".into()))?;
    let mut starts: Vec<i64> =
        assembler.values.iter().flat_map(|value| value.rows.iter().map(|row| row.from)).collect();
    starts.push(floor);
    starts.sort_unstable();
    starts.dedup();
    let state = State {
        code,
        reviewed,
        nodes: assembler.nodes,
        values: assembler.values,
        bases: assembler.bases,
        tables: assembler.tables,
        levies,
        credits,
        defaults,
        starts,
    };
    Ok(Assembled { state, values: assembler.texts })
}

fn type_of_unit(unit: UnitWord) -> Type {
    match unit {
        UnitWord::Money => Type::Money,
        UnitWord::Percent => Type::Rate,
        UnitWord::Count => Type::Count,
        UnitWord::YesNo => Type::YesNo,
        UnitWord::Date => Type::Date,
        UnitWord::Choice => Type::Choice(Vec::new()),
    }
}

fn unit_of_type(of: &Type) -> (Unit, &'static str) {
    match of {
        Type::Money => (Unit::Money, "money"),
        Type::Rate => (Unit::Rate, "percent"),
        Type::Count | Type::Zero => (Unit::Count, "count"),
        Type::YesNo => (Unit::YesNo, "yes_no"),
        Type::Date => (Unit::Word, "date"),
        Type::State => (Unit::Word, "state"),
        Type::Choice(_) | Type::Word(_) => (Unit::Word, "choice"),
    }
}

impl Assembler<'_> {
    // --- names and values -------------------------------------------------------------------------------------------

    fn add_value(&mut self, id: &str, says: &str, role: &'static str, of: &Type, item: Option<u16>) -> u16 {
        let (unit, word) = unit_of_type(of);
        let index = self.values.len() as u16;
        self.values.push(Value { unit, item, constant: true, rows: Vec::new() });
        self.texts.push(ValueText { id: id.into(), says: says.into(), unit: word, role, rows: Vec::new() });
        index
    }

    fn declare(&mut self) -> Result<(), Fault> {
        for (id, entry) in &self.file.values {
            self.check_name(id)?;
            let mut of = type_of_unit(entry.unit);
            if let Type::Choice(choices) = &mut of {
                let fact = entry.of.as_deref().and_then(|of| self.catalogue.fact(of));
                let fact = fact.ok_or(Fault(format!("value {id}: `of` names no fact whose choices it takes")))?;
                choices.clone_from(&self.catalogue.facts[usize::from(fact)].choices);
            }
            let index = self.add_value(id, &entry.says, "value", &of, None);
            self.names.insert(id.clone(), (index, of));
        }
        for (id, entry) in &self.file.bases {
            self.check_name(id)?;
            let index = self.add_value(id, &entry.says, "base", &Type::Money, None);
            self.names.insert(id.clone(), (index, Type::Money));
        }
        Ok(())
    }

    fn check_name(&self, id: &str) -> Result<(), Fault> {
        let taken = RESERVED.contains(&id)
            || self.catalogue.fact(id).is_some()
            || self.catalogue.list(id).is_some()
            || self.names.contains_key(id);
        if taken { fault(format!("the name {id} has a meaning already")) } else { Ok(()) }
    }

    fn fill_values(&mut self) -> Result<(), Fault> {
        let file = self.file;
        for (id, entry) in &file.values {
            let (index, of) = self.names[id].clone();
            let rows = self.dated(id, &entry.is)?;
            let keys = match &entry.keys {
                Some(keys) => {
                    Some(keys.iter().map(|key| self.expression(key, Place::Plain)).collect::<Result<Vec<_>, _>>()?)
                }
                None => None,
            };
            for row in &rows {
                let node = match (&row.entry.value, &row.entry.rows, &keys) {
                    (Some(value), None, _) => self.literal(value, &of, Place::Plain),
                    (None, Some(rows), Some(keys)) => self.table(rows, keys, &of),
                    _ => fault("needs `value`, or `rows` and `keys`".into()),
                };
                let node = node.map_err(|Fault(what)| Fault(format!("value {id}: {what}")))?;
                self.values[usize::from(index)].rows.push(Row { from: row.from, until: row.until, node });
            }
            self.texts[usize::from(index)].rows = rows;
        }
        Ok(())
    }

    fn dated(&self, id: &str, rows: &Rows) -> Result<Vec<DatedRow>, Fault> {
        let rows = dated(&rows.0, self.floor, self.horizon).map_err(|Fault(what)| Fault(format!("{id}: {what}")))?;
        for source in rows.iter().flat_map(|row| &row.entry.source) {
            self.check_source(id, source)?;
        }
        Ok(rows)
    }

    fn check_source(&self, id: &str, source: &str) -> Result<(), Fault> {
        if self.file.sources.contains_key(source) {
            Ok(())
        } else {
            fault(format!("{id}: the source {source} is not defined"))
        }
    }

    fn table(&mut self, rows: &[Vec<String>], keys: &[(u32, Type)], of: &Type) -> Result<u32, Fault> {
        let types: Vec<Type> = keys.iter().map(|(_, of)| of.clone()).collect();
        let mut table = Table { keys: keys.iter().map(|(node, _)| *node).collect(), rows: Vec::new() };
        for (cells, value) in table_rows(rows, &types)? {
            let node = self.literal(&value, of, Place::Plain)?;
            table.rows.push((cells, node));
        }
        self.tables.push(table);
        Ok(self.emit(Node::Table((self.tables.len() - 1) as u16)))
    }

    /// A value as it is written in its unit, else an expression of that type.
    fn literal(&mut self, text: &str, of: &Type, place: Place) -> Result<u32, Fault> {
        if text == "not_known" {
            return Ok(self.emit(Node::NotKnown));
        }
        let node = match of {
            Type::Money => scaled(text, 2).filter(|_| text.contains('.')).map(Node::Whole),
            Type::Rate => scaled(text, 4).map(Node::PerMillion),
            Type::Count => scaled(text, 0).map(Node::Whole),
            Type::Date => day(text).map(Node::Whole),
            Type::Choice(choices) => choices.iter().position(|word| word == text).map(|word| Node::Whole(word as i64)),
            _ => None,
        };
        match node {
            Some(node) => Ok(self.emit(node)),
            None => self.typed(text, of, place),
        }
    }

    // --- bases ------------------------------------------------------------------------------------------------------

    fn fill_bases(&mut self) -> Result<(), Fault> {
        let file = self.file;
        for (id, entry) in &file.bases {
            let base = self.base(id, entry).map_err(|Fault(what)| Fault(format!("base {id}: {what}")))?;
            self.bases.push(base);
            let node = self.emit(Node::Base((self.bases.len() - 1) as u16));
            let index = self.names[id].0;
            self.values[usize::from(index)].rows.push(Row { from: self.floor, until: self.horizon, node });
        }
        Ok(())
    }

    fn base(&mut self, id: &str, entry: &BaseEntry) -> Result<Base, Fault> {
        let kind = entry.kind.word();
        let mut base = Base { items: Vec::new(), test: None, credits: Vec::new() };
        let catalogue = self.catalogue;
        for (place, fact) in
            catalogue.facts.iter().enumerate().filter(|(_, fact)| fact.item.iter().any(|item| item == kind))
        {
            let item = entry.items.get(&fact.name);
            let credit = entry.credits.get(&fact.name);
            if item.is_some() && credit.is_some() {
                return fault(format!("{} is an item and a credit", fact.name));
            }
            if credit.is_some() {
                continue;
            }
            let rows = item.or_else(|| entry.items.get("rest"));
            let rows = rows.ok_or(Fault(format!("{} is not placed, and there is no `rest`", fact.name)))?;
            let value = self.item(id, &fact.name, &fact.says, rows, Some(place as u16))?;
            base.items.push(value);
        }
        for (name, rows) in entry.items.iter().filter(|(name, _)| *name != "rest") {
            let placed =
                catalogue.facts.iter().any(|fact| &fact.name == name && fact.item.iter().any(|item| item == kind));
            if !placed {
                let fact = catalogue.fact(name);
                let says = fact.map_or_else(
                    || self.file.values.get(name).map(|value| value.says.clone()),
                    |fact| Some(catalogue.facts[usize::from(fact)].says.clone()),
                );
                let says = says.ok_or(Fault(format!("item {name} is neither a fact nor a value")))?;
                let value = self.item(id, name, &says, rows, fact)?;
                base.items.push(value);
            }
        }
        if let Some(test) = &entry.test {
            base.test = Some(self.typed(test, &Type::Money, Place::Test)?);
        }
        for (name, rows) in &entry.credits {
            base.credits.push(self.credit(id, name, rows)?);
        }
        Ok(base)
    }

    fn item(&mut self, base: &str, name: &str, says: &str, rows: &Rows, fact: Option<u16>) -> Result<u16, Fault> {
        let id = format!("{base}.{name}");
        let index = self.add_value(&id, says, "item", &Type::Money, fact);
        self.read.insert(index);
        let rows = self.dated(&id, rows)?;
        for row in &rows {
            let word = row.entry.value.as_deref().ok_or(Fault(format!("{id}: an item is a word or an amount")))?;
            let node = match word.split_once(' ') {
                None if word == "in" => self.named(name)?,
                None if word == "less" => {
                    let amount = self.named(name)?;
                    self.emit(Node::Negative(amount))
                }
                None if word == "out" => self.emit(Node::Whole(0)),
                Some(("levy", levy)) => {
                    if !self.file.levies.iter().any(|entry| entry.id == levy) {
                        return fault(format!("{id}: there is no levy {levy}"));
                    }
                    self.emit(Node::Whole(0))
                }
                _ => self
                    .literal(word, &Type::Money, Place::Plain)
                    .map_err(|Fault(what)| Fault(format!("{id}: {what}")))?,
            };
            self.values[usize::from(index)].rows.push(Row { from: row.from, until: row.until, node });
        }
        self.texts[usize::from(index)].rows = rows;
        Ok(index)
    }

    fn credit(&mut self, base: &str, name: &str, rows: &Rows) -> Result<u16, Fault> {
        let id = format!("{base}.{name}");
        let fact = self.catalogue.fact(name);
        let says = match fact {
            Some(fact) => self.catalogue.facts[usize::from(fact)].says.clone(),
            None => self
                .file
                .values
                .get(name)
                .map(|value| value.says.clone())
                .ok_or(Fault(format!("credit {name} is neither a fact nor a value")))?,
        };
        let index = self.add_value(&id, &says, "credit", &Type::Money, fact);
        self.read.insert(index);
        let rows = self.dated(&id, rows)?;
        for row in &rows {
            let word = row.entry.value.as_deref().ok_or(Fault(format!("{id}: a credit is a word or an amount")))?;
            let node = match word {
                "full" => self.named(name)?,
                "none" => self.emit(Node::Whole(0)),
                _ => self
                    .literal(word, &Type::Money, Place::Plain)
                    .map_err(|Fault(what)| Fault(format!("{id}: {what}")))?,
            };
            self.values[usize::from(index)].rows.push(Row { from: row.from, until: row.until, node });
        }
        self.texts[usize::from(index)].rows = rows;
        Ok(index)
    }

    /// A fact or a value as an amount.
    fn named(&mut self, name: &str) -> Result<u32, Fault> {
        self.typed(name, &Type::Money, Place::Plain)
    }

    // --- levies -----------------------------------------------------------------------------------------------------

    fn defaults(&mut self) -> Result<Vec<(u16, u16)>, Fault> {
        let file = self.file;
        let mut defaults = Vec::new();
        for (name, rows) in &file.defaults {
            let fact = self.catalogue.fact(name).ok_or(Fault(format!("default {name} is no fact")))?;
            let input = &self.catalogue.facts[usize::from(fact)];
            let of = input.expression_type();
            let index = self.add_value(&format!("default.{name}"), &input.says, "default", &of, None);
            self.read.insert(index);
            let rows = self.dated(name, rows)?;
            for row in &rows {
                let text = row.entry.value.as_deref().ok_or(Fault(format!("default {name} is no table")))?;
                let node = self.literal(text, &of, Place::Plain)?;
                self.values[usize::from(index)].rows.push(Row { from: row.from, until: row.until, node });
            }
            self.texts[usize::from(index)].rows = rows;
            defaults.push((fact, index));
        }
        Ok(defaults)
    }

    fn levies(&mut self) -> Result<Vec<Levy>, Fault> {
        let file = self.file;
        let mut seen = BTreeSet::new();
        let mut levies = Vec::new();
        for entry in &file.levies {
            if !seen.insert(&entry.id) {
                return fault(format!("levy {} stands twice", entry.id));
            }
            for source in &entry.source {
                self.check_source(&entry.id, source)?;
            }
            let levy = self.levy(entry).map_err(|Fault(what)| Fault(format!("levy {}: {what}", entry.id)))?;
            self.list = None;
            levies.push(levy);
        }
        Ok(levies)
    }

    fn levy(&mut self, entry: &LevyEntry) -> Result<Levy, Fault> {
        let each = match &entry.each {
            Some(list) => Some(self.catalogue.list(list).ok_or(Fault(format!("there is no list {list}")))?),
            None => None,
        };
        self.list = each;
        let of_amount = if entry.category == CategoryWord::Range { Type::Rate } else { Type::Money };
        let first_payment = self.catalogue.fact("first_payment_date").unwrap_or_default();
        let date = match entry.date.as_deref() {
            None => DateRule::Request,
            Some("payment") => DateRule::Payment(first_payment),
            Some(name) => match self.catalogue.fact(name) {
                Some(fact) if self.catalogue.facts[usize::from(fact)].expression_type() == Type::Date => {
                    DateRule::Fact(fact)
                }
                _ => return fault(format!("date {name} is no date of the deal")),
            },
        };
        let (round_unit, round_way) = rounding(entry.round.as_deref().unwrap_or("cent"))?;
        let in_force = match &entry.in_force {
            Some(rows) => Some(self.in_force(&entry.id, rows)?),
            None => None,
        };
        let slice = entry.slice.as_ref();
        let running = match &entry.running {
            Some(running) => Some(Running {
                first: self.typed(&running.first, &Type::Money, Place::Plain)?,
                credit: self.optional(running.credit.as_deref(), &Type::Money, Place::Plain)?,
            }),
            None => None,
        };
        let levy = Levy {
            kind: entry.kind.bits(),
            category: entry.category as u8,
            due: entry.due.map_or(0, |due| due as u8),
            collector: entry.collector.map_or(0, |collector| collector as u8),
            date,
            each,
            in_force,
            when: self.optional(entry.when.as_deref(), &Type::YesNo, Place::Plain)?,
            base: self.optional(entry.base.as_deref(), &Type::Money, Place::Plain)?,
            slice_over: self.optional(slice.and_then(|slice| slice.over.as_deref()), &Type::Money, Place::Levy)?,
            slice_to: self.optional(slice.and_then(|slice| slice.to.as_deref()), &Type::Money, Place::Levy)?,
            share: self.optional(entry.share.as_deref(), &Type::Rate, Place::Levy)?,
            rate: self.optional(entry.rate.as_deref(), &Type::Rate, Place::Levy)?,
            amount: self.optional(entry.amount.as_deref(), &Type::Money, Place::Levy)?,
            most: self.optional(entry.most.as_deref(), &of_amount, Place::Bound)?,
            least: self.optional(entry.least.as_deref(), &of_amount, Place::Bound)?,
            round_unit,
            round_way,
            count: self.optional(entry.count.as_deref(), &Type::Count, Place::Plain)?,
            running,
        };
        match entry.category {
            CategoryWord::Range if levy.most.is_none() => return fault("a range has `least` and `most`".into()),
            CategoryWord::Tax | CategoryWord::Fee if entry.due.is_none() || entry.collector.is_none() => {
                return fault("`due` and `collector` are missing".into());
            }
            CategoryWord::Tax if levy.rate.is_none() && levy.amount.is_none() => {
                return fault("`rate` or `amount` is missing".into());
            }
            CategoryWord::Fee if levy.amount.is_none() && levy.base.is_none() => {
                return fault("`amount` is missing".into());
            }
            CategoryWord::Limit if entry.item.is_none() || levy.amount.is_none() => {
                return fault("`item` and `amount` are needed".into());
            }
            _ => {}
        }
        let lease_only = levy.running.is_some()
            || matches!(levy.date, DateRule::Payment(_))
            || levy.due == DueWord::EachPayment as u8;
        if lease_only && (entry.kind.0 != [KindWord::Lease] || levy.count.is_none()) {
            return fault("payments belong to a lease and have a `count`".into());
        }
        Ok(levy)
    }

    fn in_force(&mut self, levy: &str, rows: &Rows) -> Result<u16, Fault> {
        let id = format!("{levy}.in_force");
        let index = self.add_value(&id, "in force", "in_force", &Type::YesNo, None);
        self.read.insert(index);
        let rows = self.dated(&id, rows)?;
        for row in &rows {
            let text = row.entry.value.as_deref().unwrap_or_default();
            let node = self.literal(text, &Type::YesNo, Place::Plain)?;
            self.values[usize::from(index)].rows.push(Row { from: row.from, until: row.until, node });
        }
        self.texts[usize::from(index)].rows = rows;
        Ok(index)
    }

    fn credits(&mut self, levies: &[Levy]) -> Result<Vec<TaxCredit>, Fault> {
        let file = self.file;
        let mut credits = Vec::new();
        for entry in &file.tax_credits {
            let named = |Fault(what): Fault| Fault(format!("tax credit {}: {what}", entry.id));
            let mut against = Vec::new();
            for id in &entry.against {
                let place =
                    file.levies.iter().position(|levy| &levy.id == id && levy.kind.bits() & entry.kind.bits() != 0);
                let place = place.ok_or(Fault(format!("tax credit {}: there is no such levy {id}", entry.id)))?;
                if levies[place].category != CategoryWord::Tax as u8 {
                    return fault(format!("tax credit {}: {id} is no tax", entry.id));
                }
                against.push(place as u16);
            }
            for source in &entry.source {
                self.check_source(&entry.id, source)?;
            }
            let value = self.add_value(&entry.id, &entry.name, "tax_credit", &Type::Money, None);
            self.read.insert(value);
            let node = self.typed(&entry.amount, &Type::Money, Place::Credit).map_err(named)?;
            self.values[usize::from(value)].rows.push(Row { from: self.floor, until: self.horizon, node });
            let text = RowEntry {
                value: Some(entry.amount.clone()),
                rows: None,
                from: None,
                until: None,
                source: entry.source.clone(),
                confidence: entry.confidence,
                inferred: entry.inferred,
                indexed: false,
                note: entry.note.clone(),
                fact: entry.fact.clone(),
            };
            self.texts[usize::from(value)].rows = vec![DatedRow { from: self.floor, until: self.horizon, entry: text }];
            let when = self.optional(entry.when.as_deref(), &Type::YesNo, Place::Credit).map_err(named)?;
            let amount = self.emit(Node::Value(value));
            credits.push(TaxCredit { kind: entry.kind.bits(), against, when, amount, value });
        }
        Ok(credits)
    }

    // --- expressions ------------------------------------------------------------------------------------------------

    fn emit(&mut self, node: Node) -> u32 {
        if let Some(place) = self.known_nodes.get(&node) {
            return *place;
        }
        let place = self.nodes.len() as u32;
        self.nodes.push(node.clone());
        self.known_nodes.insert(node, place);
        place
    }

    fn optional(&mut self, text: Option<&str>, of: &Type, place: Place) -> Result<Option<u32>, Fault> {
        text.map(|text| self.literal(text, of, place)).transpose()
    }

    fn typed(&mut self, text: &str, of: &Type, place: Place) -> Result<u32, Fault> {
        let (node, found) = self.expression(text, place)?;
        let fits = found == *of || found == Type::Zero && matches!(of, Type::Money | Type::Rate | Type::Count);
        if fits { Ok(node) } else { fault(format!("«{text}» is {found:?}, {of:?} is expected")) }
    }

    fn expression(&mut self, text: &str, place: Place) -> Result<(u32, Type), Fault> {
        let tree = parse(text)?;
        self.tree(&tree, place).map_err(|Fault(what)| Fault(format!("{what} in «{text}»")))
    }

    fn tree(&mut self, tree: &Tree, place: Place) -> Result<(u32, Type), Fault> {
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

    fn sub(&mut self, tree: &Tree, of: &Type, place: Place) -> Result<u32, Fault> {
        let (node, found) = self.tree(tree, place)?;
        let fits = found == *of || found == Type::Zero && matches!(of, Type::Money | Type::Rate | Type::Count);
        if fits { Ok(node) } else { fault(format!("{of:?} is expected, not {found:?}")) }
    }

    /// A quoted word takes the type of its other side.
    fn word(&mut self, of: &Type, node: u32, found: &Type) -> Result<u32, Fault> {
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

    fn name(&mut self, name: &str, place: Place) -> Result<(u32, Type), Fault> {
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
    fn field(&self, name: &str) -> Result<(u8, u8, Type), Fault> {
        let list = self.list.or_else(|| self.catalogue.list("local")).ok_or(Fault("there is no row here".into()))?;
        let fields = &self.catalogue.lists[usize::from(list)].fields;
        match fields.iter().position(|field| field.name == name) {
            Some(place) => Ok((list, place as u8, fields[place].expression_type())),
            None => fault(format!("a row has no field {name}")),
        }
    }

    fn binary(&mut self, sign: &'static str, left: &Tree, right: &Tree, place: Place) -> Result<(u32, Type), Fault> {
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

    fn call(&mut self, name: &str, arguments: &[Tree], place: Place) -> Result<(u32, Type), Fault> {
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
    fn marginal(&mut self, table: &str, x: &Tree, place: Place) -> Result<(u32, Type), Fault> {
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

    /// What a node reads directly.
    fn children(&self, node: &Node) -> (Vec<u32>, Vec<u16>) {
        match node {
            Node::Value(value) => (vec![], vec![*value]),
            Node::Base(base) => {
                let base = &self.bases[usize::from(*base)];
                (base.test.into_iter().collect(), base.items.iter().chain(&base.credits).copied().collect())
            }
            Node::Table(table) => {
                let table = &self.tables[usize::from(*table)];
                (table.keys.iter().copied().chain(table.rows.iter().map(|(_, node)| *node)).collect(), vec![])
            }
            Node::Marginal(table, x) => {
                let table = &self.tables[usize::from(*table)];
                (table.rows.iter().map(|(_, node)| *node).chain([*x]).collect(), vec![])
            }
            Node::Binary(_, a, b) => (vec![*a, *b], vec![]),
            Node::Not(a) | Node::Negative(a) | Node::Total(_, a) | Node::Largest(_, _, a) => (vec![*a], vec![]),
            Node::If(a, b, c) => (vec![*a, *b, *c], vec![]),
            Node::Call(_, arguments) => (arguments.clone(), vec![]),
            _ => (vec![], vec![]),
        }
    }

    fn prove_acyclic(&self) -> Result<(), Fault> {
        let mut done = BTreeSet::new();
        for index in 0..self.values.len() as u16 {
            self.descend(index, &mut Vec::new(), &mut done)?;
        }
        Ok(())
    }

    fn descend(&self, index: u16, path: &mut Vec<u16>, done: &mut BTreeSet<u16>) -> Result<(), Fault> {
        if path.contains(&index) {
            return fault(format!("{} is defined by itself", self.texts[usize::from(index)].id));
        }
        if done.contains(&index) {
            return Ok(());
        }
        path.push(index);
        let mut nodes: Vec<u32> = self.values[usize::from(index)].rows.iter().map(|row| row.node).collect();
        while let Some(node) = nodes.pop() {
            let (more, values) = self.children(&self.nodes[node as usize]);
            nodes.extend(more);
            for value in values {
                self.descend(value, path, done)?;
            }
        }
        path.pop();
        done.insert(index);
        Ok(())
    }

    /// Only a levy on each row of a list has a row to read; a levy on each payment's own day steps where its rows do.
    fn prove_rows(&self, levies: &[Levy], credits: &[TaxCredit]) -> Result<(), Fault> {
        for (entry, levy) in self.file.levies.iter().zip(levies) {
            let running = levy.running.map_or([None; 2], |running| [Some(running.first), running.credit]);
            let bounds = [levy.slice_over, levy.slice_to, levy.most, levy.least];
            let others = [levy.when, levy.base, levy.share, levy.rate, levy.amount, levy.count];
            let slots: Vec<u32> = running.into_iter().chain(bounds).chain(others).flatten().collect();
            if levy.each.is_none() && self.reads(&slots, |node| matches!(node, Node::RowField(..) | Node::RowKnown(..)))
            {
                return fault(format!("levy {}: a row is read, but there is no `each`", entry.id));
            }
            if matches!(levy.date, DateRule::Payment(_)) && self.reads(&slots, |node| *node == Node::LawDate) {
                return fault(format!(
                    "levy {}: what changes from payment to payment is a dated row, not law_date",
                    entry.id
                ));
            }
        }
        for (entry, credit) in self.file.tax_credits.iter().zip(credits) {
            let slots: Vec<u32> = credit.when.into_iter().chain([credit.amount]).collect();
            if self.reads(&slots, |node| matches!(node, Node::RowField(..) | Node::RowKnown(..))) {
                return fault(format!("tax credit {}: there is no row to read", entry.id));
            }
        }
        Ok(())
    }

    /// Whether such a node stands somewhere below others; rows inside of a `total` are its own.
    fn reads(&self, slots: &[u32], such: fn(&Node) -> bool) -> bool {
        let mut seen = BTreeSet::new();
        let mut nodes = slots.to_vec();
        while let Some(node) = nodes.pop() {
            let node = &self.nodes[node as usize];
            if such(node) {
                return true;
            }
            if matches!(node, Node::Total(..)) {
                continue;
            }
            let (more, values) = self.children(node);
            nodes.extend(more);
            for value in values.into_iter().filter(|value| seen.insert(*value)) {
                nodes.extend(self.values[usize::from(value)].rows.iter().map(|row| row.node));
            }
        }
        false
    }

    /// A value is constant within a quote unless it reads a row or a named amount of its levy.
    fn mark_constants(&mut self) {
        loop {
            let before: Vec<bool> = self.values.iter().map(|value| value.constant).collect();
            for index in 0..self.values.len() {
                let constant = self.values[index].rows.iter().all(|row| self.constant(row.node, false));
                self.values[index].constant = constant;
            }
            if before.iter().zip(&self.values).all(|(before, value)| *before == value.constant) {
                return;
            }
        }
    }

    fn constant(&self, node: u32, row_bound: bool) -> bool {
        let node = &self.nodes[node as usize];
        match node {
            Node::RowField(..) | Node::RowKnown(..) => row_bound,
            Node::Items => true, // bound within its base
            Node::BaseAmount | Node::Tax | Node::Due => false,
            Node::Total(_, a) => self.constant(*a, true),
            _ => {
                let (nodes, values) = self.children(node);
                nodes.iter().all(|node| self.constant(*node, row_bound))
                    && values.iter().all(|value| self.values[usize::from(*value)].constant)
            }
        }
    }

    fn prove_read(&self) -> Result<(), Fault> {
        let unread: Vec<&str> = (0..self.texts.len() as u16)
            .filter(|index| !self.read.contains(index))
            .map(|index| self.texts[usize::from(index)].id.as_str())
            .collect();
        if !unread.is_empty() {
            return fault(format!("never read: {}", unread.join(", ")));
        }
        let mut cited: BTreeMap<&str, bool> = self.file.sources.keys().map(|id| (id.as_str(), false)).collect();
        let rows = self.texts.iter().flat_map(|value| value.rows.iter().flat_map(|row| row.entry.source.iter()));
        let levies = self.file.levies.iter().flat_map(|levy| levy.source.iter());
        for source in rows.chain(levies) {
            cited.insert(source, true);
        }
        match cited.iter().find(|(_, cited)| !**cited) {
            Some((id, _)) => fault(format!("the source {id} is never cited")),
            None => Ok(()),
        }
    }
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

fn rounding(text: &str) -> Result<(i64, Way), Fault> {
    let (unit, way) = text.split_once(' ').unwrap_or((text, "half_up"));
    let unit = match unit {
        "cent" => 1,
        "dollar" => 100,
        _ => return fault(format!("nothing is rounded to a {unit}")),
    };
    let way = match way {
        "half_up" => Way::HalfUp,
        "up" => Way::Up,
        "down" => Way::Down,
        "half_even" => Way::HalfEven,
        _ => return fault(format!("{way} is no way to round")),
    };
    Ok((unit, way))
}
