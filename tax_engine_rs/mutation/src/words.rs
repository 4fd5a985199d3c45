//! Expressions, changed one word or number at a time.

use crate::names::{Kind, Names};

/// A piece of an expression with its place in the text.
#[derive(Clone, Copy, Debug)]
pub struct Word<'a> {
    text: &'a str,
    from: usize,
}

impl Word<'_> {
    fn to(&self) -> usize {
        self.from + self.text.len()
    }
}

fn words(text: &str) -> Vec<Word<'_>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(first) = text[from..].chars().next() {
        let rest = &text[from..];
        let run = |holds: fn(char) -> bool| rest.find(|letter| !holds(letter)).unwrap_or(rest.len());
        let size = if first.is_whitespace() {
            from += first.len_utf8();
            continue;
        } else if first.is_ascii_digit() {
            let size = run(|letter| letter.is_ascii_digit() || letter == '.' || letter == '-');
            size + usize::from(rest[size..].starts_with('%'))
        } else if first == '\'' {
            rest[1..].find('\'').map_or(rest.len(), |end| end + 2)
        } else if first.is_ascii_alphabetic() {
            run(|letter| letter.is_ascii_alphanumeric() || letter == '_' || letter == '.')
        } else if ["!=", "<=", ">="].iter().any(|sign| rest.starts_with(sign)) {
            2
        } else {
            first.len_utf8()
        };
        found.push(Word { text: &rest[..size], from });
        from += size;
    }
    found
}

/// A decimal number with so many places, one unit of the last more or less; less only above zero.
pub fn neighbours(number: &str, places: usize) -> Vec<String> {
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let Ok(units) = format!("{whole}{part:0<places$}").parse::<i64>() else { return Vec::new() };
    let written = |units: i64| {
        let digits = format!("{units:0>width$}", width = places + 1);
        let (whole, part) = digits.split_at(digits.len() - places);
        if places == 0 { whole.to_string() } else { format!("{whole}.{part}") }
    };
    [units + 1, units - 1].into_iter().filter(|units| *units >= 0).map(written).collect()
}

/// The day before and the day after.
pub fn days_beside(date: &str) -> Vec<String> {
    let parts: Vec<i64> = date.split('-').filter_map(|part| part.parse().ok()).collect();
    let [year, month, day] = parts[..] else { return Vec::new() };
    let days = tax_core::day_of(year, month, day);
    let written = |days: i64| {
        let (year, month, day) = tax_core::date_of(days);
        format!("{year:04}-{month:02}-{day:02}")
    };
    vec![written(days + 1), written(days - 1)]
}

fn number_beside(word: &str) -> Vec<String> {
    if let Some(percent) = word.strip_suffix('%') {
        return neighbours(percent, 4).into_iter().map(|number| number + "%").collect();
    }
    match word.split_once('.') {
        Some(_) => neighbours(word, 2),
        None if word.contains('-') => days_beside(word),
        None => neighbours(word, 0),
    }
}

/// Every expression that differs from this one by its smallest change at one place.
pub fn changed(text: &str, names: &Names) -> Vec<String> {
    let words = words(text);
    let mut found = Vec::new();
    for (place, word) in words.iter().enumerate() {
        let with = |new: &str| format!("{}{new}{}", &text[..word.from], &text[word.to()..]);
        let before = place.checked_sub(1).map_or("", |before| words[before].text);
        let after = words.get(place + 1).map_or("", |after| after.text);
        let first = word.text.chars().next().unwrap_or(' ');
        if first.is_ascii_digit() {
            found.extend(number_beside(word.text).iter().map(|new| with(new)));
            continue;
        }
        if first == '\'' {
            found.extend(names.other_word(word.text.trim_matches('\''), text).map(|new| with(&format!("'{new}'"))));
            continue;
        }
        let other = match word.text {
            "and" => "or",
            "or" => "and",
            "yes" => "no",
            "no" => "yes",
            "=" => "!=",
            "!=" => "=",
            "<" => "<=",
            "<=" => "<",
            ">" => ">=",
            ">=" => ">",
            "+" => "-",
            "-" => "+",
            "*" => "/",
            "/" => "*",
            "min" => "max",
            "max" => "min",
            "up" => "down",
            "down" => "nearest",
            "nearest" => "up",
            "half_up" => "half_even",
            "half_even" => "half_up",
            "not" => "",
            "known" => "not known",
            "given" => "",
            "if" => {
                found.extend(condition_turned(text, &words, place));
                continue;
            }
            _ => {
                if after != "(" && !(before == "(" && place > 1 && names.takes_names(words[place - 2].text)) {
                    found.extend(name_changed(word.text, names).map(|new| with(&new)));
                }
                continue;
            }
        };
        found.push(with(other));
    }
    found
}

/// `if C then` as `if not (C) then`.
fn condition_turned(text: &str, words: &[Word<'_>], place: usize) -> Option<String> {
    let mut depth = 0;
    for word in &words[place + 1..] {
        match word.text {
            "if" => depth += 1,
            "then" if depth == 0 => {
                let start = words[place].to();
                return Some(format!(
                    "{} not ({}) {}",
                    &text[..start],
                    text[start..word.from].trim(),
                    &text[word.from..]
                ));
            }
            "then" => depth -= 1,
            _ => {}
        }
    }
    None
}

/// A name with the smallest step added to it, or another of its type.
fn name_changed(name: &str, names: &Names) -> Option<String> {
    match names.kind(name)? {
        Kind::Money => Some(format!("({name} + 0.01)")),
        Kind::Rate => Some(format!("({name} + 0.0001%)")),
        Kind::Count => Some(format!("({name} + 1)")),
        Kind::YesNo => Some(format!("(not {name})")),
        kind @ (Kind::State | Kind::Date | Kind::Choice(_)) => names.other_of(name, &kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_move_by_one_unit() {
        assert_eq!(neighbours("1600.00", 2), ["1600.01", "1599.99"]);
        assert_eq!(neighbours("6.25", 4), ["6.2501", "6.2499"]);
        assert_eq!(neighbours("0.00", 2), ["0.01"]);
        assert_eq!(days_beside("2026-01-01"), ["2026-01-02", "2025-12-31"]);
    }

    #[test]
    fn a_condition_is_turned_around() {
        let text = "if a = 1 then 2 else 3";
        assert_eq!(condition_turned(text, &words(text), 0).unwrap(), "if not (a = 1) then 2 else 3");
    }
}
