//! Pages for people, generated from the rules: the inputs, what is read of the law, and what is not.

use crate::assemble::Assembled;
use crate::catalogue::{Catalogue, Input};
use crate::rule_file::RuleFile;
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
    page
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
