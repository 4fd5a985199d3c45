//! What the buyer's home state would take of the same deal from a resident of its own, local levies left out.

use crate::facts::Facts;
use crate::prepared::{Prepared, place_of};
use crate::question::{Question, Stop};
use crate::run;
use crate::scratch::{HomeRoom, Scratch};

/// The state of that code, when its file is in the pack.
pub fn home<'a>(question: &Question<'a>, code: i64) -> Option<&'a Prepared> {
    place_of(question.all, code).map(|place| &question.all[place])
}

/// The home state's tax in cents.
///
/// # Errors
/// A home state without a file, the question of another home state, or what stops a tax there.
pub fn home_tax(question: &Question<'_>, facts: &Facts, scratch: &mut Scratch, code: i64) -> Result<i64, Stop> {
    let residence = question.pack.residence;
    let Some(law) = home(question, code).filter(|_| !question.is_home) else {
        return Err(Stop::Missing(i64::from(residence)));
    };
    let mut room = scratch.home.take().unwrap_or_default();
    let HomeRoom { facts: at_home, scratch: own, lines } = &mut *room;
    at_home.clear_for(code, &law.default_numbers);
    at_home.take_over(facts);
    at_home.set(residence, code);
    at_home.empty_lists();
    let at_home_asked = Question { law, kind: 0, taxes_only: true, is_home: true, ..*question };
    let ended = run::lines(&at_home_asked, law.era(question.date), at_home, own, lines);
    let stopped = lines.iter().find_map(|line| line.stop);
    let tax = lines.iter().map(|line| line.amount * line.count).sum();
    scratch.home = Some(room);
    ended.and(stopped.map_or(Ok(tax), Err))
}
