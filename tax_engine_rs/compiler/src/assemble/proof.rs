//! What is proven of a whole rule file.

use super::*;

impl Assembler<'_> {
    /// What a node reads directly.
    pub(super) fn children(&self, node: &Node) -> (Vec<u32>, Vec<u16>) {
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

    pub(super) fn prove_acyclic(&self) -> Result<(), Fault> {
        let mut done = BTreeSet::new();
        for index in 0..self.values.len() as u16 {
            self.descend(index, &mut Vec::new(), &mut done)?;
        }
        Ok(())
    }

    pub(super) fn descend(&self, index: u16, path: &mut Vec<u16>, done: &mut BTreeSet<u16>) -> Result<(), Fault> {
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
    pub(super) fn prove_rows(&self, levies: &[Levy], credits: &[TaxCredit]) -> Result<(), Fault> {
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
    pub(super) fn reads(&self, slots: &[u32], such: fn(&Node) -> bool) -> bool {
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
    pub(super) fn mark_constants(&mut self) {
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

    pub(super) fn constant(&self, node: u32, row_bound: bool) -> bool {
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

    pub(super) fn prove_read(&self) -> Result<(), Fault> {
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
