//! Dated rows: no overlap, no gap, from the floor to the horizon.

use crate::Fault;
use crate::expression::day;
use crate::rule_file::RowEntry;

/// A row with its days.
#[derive(Clone, Debug)]
pub struct DatedRow {
    /// First day, as days since 1970-01-01; may lie before the floor.
    pub from: i64,
    /// Last day.
    pub until: i64,
    /// As written.
    pub entry: RowEntry,
}

/// Gives each row its days and proves that they leave nothing open and nothing twice.
pub fn dated(rows: &[RowEntry], floor: i64, horizon: i64) -> Result<Vec<DatedRow>, Fault> {
    let mut dated: Vec<DatedRow> = Vec::new();
    for row in rows {
        let read = |date: &Option<toml::value::Datetime>, open: i64| match date {
            Some(date) => day(&date.to_string()).ok_or(Fault(format!("{date} is no plain date"))),
            None => Ok(open),
        };
        let from = read(&row.from, floor)?;
        // A row may begin after the horizon, for the later payments of a lease.
        let until = read(&row.until, horizon.max(from))?;
        if until < from {
            return Err(Fault(format!("a row ends on {} before it begins", text(until))));
        }
        match dated.last() {
            None if from > floor => {
                return Err(Fault(format!(
                    "nothing is said before {}: write a row that says what holds, or not_known",
                    text(from)
                )));
            }
            Some(last) if last.until + 1 != from => {
                let what = if last.until >= from { "overlap" } else { "leave a gap" };
                return Err(Fault(format!("the rows {what} at {}", text(from))));
            }
            _ => dated.push(DatedRow { from, until, entry: row.clone() }),
        }
        if row.source.is_empty() {
            return Err(Fault("a row has no source".into()));
        }
    }
    match dated.last() {
        Some(last) if last.until >= horizon => Ok(dated),
        Some(last) => Err(Fault(format!("nothing is said after {}", text(last.until)))),
        None => Err(Fault("there is no row".into())),
    }
}

/// A day as it is written.
pub fn text(day: i64) -> String {
    let (year, month, day) = tax_core::date_of(day);
    format!("{year:04}-{month:02}-{day:02}")
}
