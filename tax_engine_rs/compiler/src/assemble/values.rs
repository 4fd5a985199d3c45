//! Dated values and tables.

use super::*;

impl Assembler<'_> {
    pub(super) fn fill_values(&mut self) -> Result<(), Fault> {
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
                self.values[usize::from(index)].rows.push(Row { from: row.from, node });
            }
            self.texts[usize::from(index)].rows = rows;
        }
        Ok(())
    }

    pub(super) fn dated(&self, id: &str, rows: &Rows) -> Result<Vec<DatedRow>, Fault> {
        let rows = dated(&rows.0, self.floor, self.horizon).map_err(|Fault(what)| Fault(format!("{id}: {what}")))?;
        for source in rows.iter().flat_map(|row| &row.entry.source) {
            self.check_source(id, source)?;
        }
        Ok(rows)
    }

    pub(super) fn check_source(&self, id: &str, source: &str) -> Result<(), Fault> {
        if self.file.sources.contains_key(source) {
            Ok(())
        } else {
            fault(format!("{id}: the source {source} is not defined"))
        }
    }

    pub(super) fn table(&mut self, rows: &[Vec<String>], keys: &[(u32, Type)], of: &Type) -> Result<u32, Fault> {
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
    pub(super) fn literal(&mut self, text: &str, of: &Type, place: Place) -> Result<u32, Fault> {
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
}
