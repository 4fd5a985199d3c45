//! Pages for people, generated from the rules: the inputs, what is read of the law, and what is not.

use crate::assemble::Assembled;
use crate::catalogue::{Catalogue, Input};
use crate::rule_file::{Confidence, RowEntry, RuleFile};
use std::collections::BTreeMap;
use std::fmt::Write;

/// `docs/inputs.md`.
pub fn inputs(catalogue: &Catalogue) -> String {
    let mut page = String::from(
        "# Inputs\n\nGenerated from `tax_engine_rs/inputs.toml`: every fact that a rule may read. A fact not given is unknown: it takes \
         the default below, or the deal is refused by name.\n\n| input | type | default | meaning |\n|---|---|---|---|\n",
    );
    for fact in &catalogue.facts {
        line(&mut page, "", fact);
    }
    for list in &catalogue.lists {
        let _ = writeln!(
            page,
            "\n## `{}`\n\n{}, a list; each row:\n\n| input | type | default | meaning |\n|---|---|---|---|",
            list.name, list.says
        );
        for field in &list.fields {
            line(&mut page, "", field);
        }
    }
    page
}

fn line(page: &mut String, prefix: &str, input: &Input) {
    let kind = match input.choices.as_slice() {
        [] => input.kind.word().to_string(),
        choices => choices.join(", "),
    };
    let _ = writeln!(page, "| `{prefix}{}` | {kind} | {} | {} |", input.name, input.default, input.says);
}

/// `docs/law/unmodelled.md`.
pub fn unmodelled(rules: &[(RuleFile, Assembled)]) -> String {
    let mut page = String::from(
        "# What the law says and the rules do not compute\n\nGenerated from the `[unmodelled]` tables of the rule files.\n\n\
         | state | fact | why |\n|---|---|---|\n",
    );
    for (file, _) in rules {
        for (fact, reason) in &file.unmodelled {
            let _ = writeln!(page, "| {} | `{fact}` | {reason} |", file.code);
        }
    }
    page.push_str(
        "\n## Not known\n\nRead by a rule, but no text gives it: a tax that needs it is refused, a fee that needs it is a line that says \
         so.\n\n| state | value | when | note |\n|---|---|---|---|\n",
    );
    rows_where(&mut page, rules, |row| {
        let cells = row.rows.iter().flatten().flatten();
        row.value.iter().chain(cells).any(|value| value == "not_known")
    });
    page.push_str(
        "\n## Not verified\n\nComputed as it is believed to be: no text was seen that settles it. Each line that reads it says \
         \"unverified\".\n\n| state | value | when | note |\n|---|---|---|---|\n",
    );
    rows_where(&mut page, rules, |row| row.confidence == Confidence::Unverified);
    page
}

/// The rows of values, base items and credits that are of one kind, each with its days and its note.
fn rows_where(page: &mut String, rules: &[(RuleFile, Assembled)], wanted: impl Fn(&RowEntry) -> bool) {
    for (file, assembled) in rules {
        for value in &assembled.values {
            for row in value.rows.iter().map(|row| &row.entry).filter(|row| wanted(row)) {
                let when = match (&row.from, &row.until) {
                    (Some(from), Some(until)) => format!("{from} to {until}"),
                    (Some(from), None) => format!("from {from}"),
                    (None, Some(until)) => format!("to {until}"),
                    (None, None) => "always".into(),
                };
                let note = row.note.as_deref().unwrap_or_default();
                let _ = writeln!(page, "| {} | `{}` | {when} | {note} |", file.code, value.id);
            }
        }
    }
}

/// `docs/law/coverage.md`: each fact of the research and what reads it.
pub fn coverage(rules: &[(RuleFile, Assembled)]) -> String {
    let mut page = String::from(
        "# Which rule reads which fact\n\nGenerated from the rule files: facts of the research files, by state, and the values or levies that say them.\n",
    );
    for (file, assembled) in rules {
        let mut readers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for value in &assembled.values {
            for fact in value.rows.iter().flat_map(|row| &row.entry.fact) {
                readers.entry(fact).or_default().push(&value.id);
            }
        }
        for levy in &file.levies {
            for fact in &levy.fact {
                readers.entry(fact).or_default().push(&levy.id);
            }
        }
        let _ = writeln!(page, "\n## {}\n\nReviewed {}.\n\n| fact | read by |\n|---|---|", file.name, file.reviewed);
        for (fact, mut ids) in readers {
            ids.sort_unstable();
            ids.dedup();
            let ids: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
            let _ = writeln!(page, "| `{fact}` | {} |", ids.join(", "));
        }
    }
    page
}
