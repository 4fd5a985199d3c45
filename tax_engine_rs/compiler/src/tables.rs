//! Tables: every possible key is held by one row.

use crate::Fault;
use crate::expression::{Type, scaled};
use tax_core::{Cell, state_code};

/// The states whose letters a key may hold, with "other"; used to prove a table whole.
const LETTERS: std::ops::RangeInclusive<u8> = b'A'..=b'Z';

/// Cells and the text of the value of each row, proven whole and free of overlap.
pub fn table_rows(rows: &[Vec<String>], keys: &[Type]) -> Result<Vec<(Vec<Cell>, String)>, Fault> {
    let mut table = Vec::new();
    for row in rows {
        let (value, cells) = row.split_last().ok_or(Fault("a row of a table is empty".into()))?;
        if cells.len() != keys.len() || keys.len() > 4 {
            return Err(Fault(format!("row {row:?} has {} keys, not {}", cells.len(), keys.len())));
        }
        let cells = cells.iter().zip(keys).map(|(text, key)| cell(text, key)).collect::<Result<Vec<_>, _>>()?;
        table.push((cells, value.clone()));
    }
    prove(&table, keys, rows)?;
    Ok(table)
}

fn cell(text: &str, key: &Type) -> Result<Cell, Fault> {
    if text == "*" {
        return Ok(Cell(vec![(i64::MIN, i64::MAX)]));
    }
    let bad = || Fault(format!("{text:?} is no key of {key:?}"));
    let number = |text: &str| match key {
        Type::Money => scaled(text, 2).filter(|_| text.contains('.')),
        Type::Rate => scaled(text, 4),
        Type::Count => scaled(text, 0),
        Type::YesNo => ["no", "yes"].iter().position(|word| *word == text).map(|place| place as i64),
        Type::State => state_code(text),
        Type::Choice(choices) => choices.iter().position(|choice| choice == text).map(|place| place as i64),
        _ => None,
    };
    let range = |part: &str| match part.split_once("..") {
        None => number(part).map(|n| (n, n)),
        Some((low, high)) => {
            let low = if low.is_empty() { Some(0) } else { number(low) }?;
            let high = if high.is_empty() { Some(i64::MAX) } else { number(high) }?;
            (low <= high).then_some((low, high))
        }
    };
    text.split('|').map(|part| range(part).ok_or_else(bad)).collect::<Result<_, _>>().map(Cell)
}

/// The keys that can tell rows apart: the first of every range, and what follows its end.
fn samples(table: &[(Vec<Cell>, String)], place: usize, key: &Type) -> Vec<i64> {
    match key {
        Type::YesNo => vec![0, 1],
        Type::Choice(choices) => (0..choices.len() as i64).collect(),
        Type::State => {
            let pairs = LETTERS.flat_map(|a| LETTERS.map(move |b| i64::from(a) * 256 + i64::from(b)));
            std::iter::once(0).chain(pairs).collect()
        }
        _ => {
            let ranges = table.iter().flat_map(|(cells, _)| &cells[place].0);
            let mut keys: Vec<i64> = ranges
                .flat_map(|&(low, high)| [low.max(0), high.max(0), high.saturating_add(1).max(0)])
                .chain([0])
                .collect();
            keys.sort_unstable();
            keys.dedup();
            keys
        }
    }
}

fn prove(table: &[(Vec<Cell>, String)], keys: &[Type], rows: &[Vec<String>]) -> Result<(), Fault> {
    let samples: Vec<Vec<i64>> = keys.iter().enumerate().map(|(place, key)| samples(table, place, key)).collect();
    let mut used = vec![false; table.len()];
    let mut at = vec![0usize; keys.len()];
    loop {
        let point: Vec<i64> = at.iter().zip(&samples).map(|(&at, samples)| samples[at]).collect();
        let holds = |cells: &[Cell]| {
            cells.iter().zip(&point).all(|(cell, key)| cell.0.iter().any(|&(low, high)| low <= *key && *key <= high))
        };
        let hits: Vec<usize> = (0..table.len()).filter(|&row| holds(&table[row].0)).collect();
        let Some(&first) = hits.first() else {
            return Err(Fault(format!("no row of the table holds the key {point:?}")));
        };
        used[first] = true;
        for &other in &hits[1..] {
            let catches_rest = rows[other].contains(&"*".to_string());
            if !catches_rest {
                return Err(Fault(format!("rows {:?} and {:?} both hold the key {point:?}", rows[first], rows[other])));
            }
        }
        let Some(place) = (0..at.len()).rev().find(|&place| at[place] + 1 < samples[place].len()) else { break };
        at[place] += 1;
        at[place + 1..].fill(0);
    }
    match used.iter().position(|used| !used) {
        Some(row) => Err(Fault(format!("row {:?} is never reached", rows[row]))),
        None => Ok(()),
    }
}
