//! `law.json`: the names, words and sources that the pack leaves out.

use crate::assemble::{Assembled, ValueText};
use crate::catalogue::{Catalogue, Input};
use crate::periods::{DatedRow, text};
use crate::rule_file::*;
use crate::{FLOOR, HORIZON, VERSION};
use serde_json::{Map, Value, json};

/// Writes the texts of a pack.
pub fn law_json(catalogue: &Catalogue, rules: &[(RuleFile, Assembled)], pack: &[u8]) -> String {
    let states: Map<String, Value> =
        rules.iter().map(|(file, assembled)| (file.code.clone(), state(file, assembled))).collect();
    let hash: String = pack[..32].iter().map(|byte| format!("{byte:02x}")).collect();
    let lists: Vec<Value> = catalogue
        .lists
        .iter()
        .map(|list| json!({"name": list.name, "says": list.says, "fields": list.fields.iter().map(input).collect::<Vec<_>>()}))
        .collect();
    let law = json!({
        "pack": {"version": VERSION, "hash": hash, "floor": text(FLOOR), "horizon": text(HORIZON)},
        "inputs": {"states": catalogue.states, "facts": catalogue.facts.iter().map(input).collect::<Vec<_>>(), "lists": lists},
        "states": states,
    });
    law.to_string()
}

fn input(input: &Input) -> Value {
    json!({
        "name": input.name, "type": input.kind.word(), "choices": input.choices, "default": input.default,
        "item": input.item, "says": input.says,
    })
}

fn state(file: &RuleFile, assembled: &Assembled) -> Value {
    let sources: Map<String, Value> = file
        .sources
        .iter()
        .map(|(id, source)| (id.clone(), json!({"title": source.title, "url": source.url.as_deref().unwrap_or_default(), "kind": source.kind.word()})))
        .collect();
    json!({
        "name": file.name, "tax_name": file.tax_name, "authority": file.authority,
        "reviewed": file.reviewed.to_string(), "summary": file.summary,
        "sources": sources, "unmodelled": file.unmodelled,
        "values": assembled.values.iter().map(value).collect::<Vec<_>>(),
        "levies": file.levies.iter().map(levy).collect::<Vec<_>>(),
        "tax_credits": file.tax_credits.iter().map(credit).collect::<Vec<_>>(),
    })
}

fn value(value: &ValueText) -> Value {
    json!({
        "id": value.id, "says": value.says, "unit": value.unit, "role": value.role,
        "rows": value.rows.iter().map(row).collect::<Vec<_>>(),
    })
}

fn row(row: &DatedRow) -> Value {
    let entry = &row.entry;
    let written = entry.value.clone().unwrap_or_else(|| {
        let rows = entry.rows.iter().flatten();
        rows.map(|cells| cells.join(" · ")).collect::<Vec<_>>().join("\n")
    });
    json!({
        "text": written,
        "from": entry.from.map(|date| date.to_string()), "until": entry.until.map(|date| date.to_string()),
        "source": entry.source, "confidence": entry.confidence.word(), "inferred": entry.inferred, "indexed": entry.indexed,
        "note": entry.note,
    })
}

fn levy(levy: &LevyEntry) -> Value {
    let category = match levy.category {
        CategoryWord::Tax => "tax",
        CategoryWord::Fee => "fee",
        CategoryWord::Limit => "limit",
        CategoryWord::Range => "range",
    };
    let due = levy.due.map(|due| match due {
        DueWord::Signing => "signing",
        DueWord::Titling => "titling",
        DueWord::EachPayment => "each_payment",
        DueWord::Registration => "registration",
        DueWord::Renewal => "renewal",
    });
    let collector = levy.collector.map(|collector| match collector {
        CollectorWord::Dealer => "dealer",
        CollectorWord::County => "county",
        CollectorWord::Lessor => "lessor",
        CollectorWord::Agency => "agency",
    });
    json!({
        "id": levy.id, "name": levy.name, "kind": levy.kind.words(), "category": category, "due": due, "collector": collector,
        "formula": levy.says, "each": levy.each, "item": levy.item, "presumed": levy.presumed,
        "round": levy.round.as_deref().unwrap_or("cent"), "base": levy.base, "rate": levy.rate, "amount": levy.amount,
        "source": levy.source, "confidence": levy.confidence.word(), "inferred": levy.inferred, "note": levy.note,
    })
}

fn credit(credit: &CreditEntry) -> Value {
    json!({"id": credit.id, "name": credit.name, "kind": credit.kind.words(), "against": credit.against})
}
