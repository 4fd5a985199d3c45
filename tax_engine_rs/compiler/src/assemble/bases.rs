//! Bases: items, test, credits.

use super::*;

impl Assembler<'_> {
    pub(super) fn fill_bases(&mut self) -> Result<(), Fault> {
        let file = self.file;
        for (id, entry) in &file.bases {
            let base = self.base(id, entry).map_err(|Fault(what)| Fault(format!("base {id}: {what}")))?;
            self.bases.push(base);
            let node = self.emit(Node::Base((self.bases.len() - 1) as u16));
            let index = self.names[id].0;
            self.values[usize::from(index)].rows.push(Row { from: self.floor, node });
        }
        Ok(())
    }

    pub(super) fn base(&mut self, id: &str, entry: &BaseEntry) -> Result<Base, Fault> {
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
                let says = self.says("item", name)?;
                let value = self.item(id, name, &says, rows, catalogue.fact(name))?;
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

    /// What is said of a name: of the fact, else of the value.
    fn says(&self, role: &str, name: &str) -> Result<String, Fault> {
        let of_fact = self.catalogue.fact(name).map(|fact| &self.catalogue.facts[usize::from(fact)].says);
        let says = of_fact.or_else(|| self.file.values.get(name).map(|value| &value.says));
        says.cloned().ok_or(Fault(format!("{role} {name} is neither a fact nor a value")))
    }

    fn item(&mut self, base: &str, name: &str, says: &str, rows: &Rows, fact: Option<u16>) -> Result<u16, Fault> {
        self.amounts("item", base, name, says, rows, fact, |this, id, word| match word.split_once(' ') {
            None if word == "in" => this.named(name).map(Some),
            None if word == "less" => {
                let amount = this.named(name)?;
                Ok(Some(this.emit(Node::Negative(amount))))
            }
            None if word == "out" => Ok(Some(this.emit(Node::Whole(0)))),
            Some(("levy", levy)) => {
                if !this.file.levies.iter().any(|entry| entry.id == levy) {
                    return fault(format!("{id}: there is no levy {levy}"));
                }
                Ok(Some(this.emit(Node::Whole(0))))
            }
            _ => Ok(None),
        })
    }

    fn credit(&mut self, base: &str, name: &str, rows: &Rows) -> Result<u16, Fault> {
        let says = self.says("credit", name)?;
        let fact = self.catalogue.fact(name);
        self.amounts("credit", base, name, &says, rows, fact, |this, _, word| match word {
            "full" => this.named(name).map(Some),
            "none" => Ok(Some(this.emit(Node::Whole(0)))),
            _ => Ok(None),
        })
    }

    /// A value whose periods are words of its own, or amounts.
    #[allow(clippy::too_many_arguments)]
    fn amounts(
        &mut self,
        role: &'static str,
        base: &str,
        name: &str,
        says: &str,
        rows: &Rows,
        fact: Option<u16>,
        own: impl Fn(&mut Self, &str, &str) -> Result<Option<u32>, Fault>,
    ) -> Result<u16, Fault> {
        let id = format!("{base}.{name}");
        let index = self.add_value(&id, says, role, &Type::Money, fact);
        self.read.insert(index);
        let rows = self.dated(&id, rows)?;
        for row in &rows {
            let word = row.entry.value.as_deref().ok_or(Fault(format!("{id}: {role} is a word or an amount")))?;
            let node = match own(self, &id, word)? {
                Some(node) => node,
                None => self
                    .literal(word, &Type::Money, Place::Plain)
                    .map_err(|Fault(what)| Fault(format!("{id}: {what}")))?,
            };
            self.values[usize::from(index)].rows.push(Row { from: row.from, node });
        }
        self.texts[usize::from(index)].rows = rows;
        Ok(index)
    }

    /// A fact or a value as an amount.
    pub(super) fn named(&mut self, name: &str) -> Result<u32, Fault> {
        self.typed(name, &Type::Money, Place::Plain)
    }

    // --- levies -----------------------------------------------------------------------------------------------------
}
