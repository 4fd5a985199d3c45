//! Levies, tax credits, and the jurisdiction's own defaults.

use super::*;

impl Assembler<'_> {
    pub(super) fn defaults(&mut self) -> Result<Vec<(u16, u16)>, Fault> {
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
                self.values[usize::from(index)].rows.push(Row { from: row.from, node });
            }
            self.texts[usize::from(index)].rows = rows;
            defaults.push((fact, index));
        }
        Ok(defaults)
    }

    pub(super) fn levies(&mut self) -> Result<Vec<Levy>, Fault> {
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

    pub(super) fn levy(&mut self, entry: &LevyEntry) -> Result<Levy, Fault> {
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

    pub(super) fn in_force(&mut self, levy: &str, rows: &Rows) -> Result<u16, Fault> {
        let id = format!("{levy}.in_force");
        let index = self.add_value(&id, "in force", "in_force", &Type::YesNo, None);
        self.read.insert(index);
        let rows = self.dated(&id, rows)?;
        for row in &rows {
            let text = row.entry.value.as_deref().unwrap_or_default();
            let node = self.literal(text, &Type::YesNo, Place::Plain)?;
            self.values[usize::from(index)].rows.push(Row { from: row.from, node });
        }
        self.texts[usize::from(index)].rows = rows;
        Ok(index)
    }

    pub(super) fn credits(&mut self, levies: &[Levy]) -> Result<Vec<TaxCredit>, Fault> {
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
            self.values[usize::from(value)].rows.push(Row { from: self.floor, node });
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
