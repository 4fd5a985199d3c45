//! From a rule file to the engine's [`State`]: names are resolved, types checked, expressions become nodes.

mod bases;
mod expressions;
mod levies;
mod proof;
mod values;

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
}
