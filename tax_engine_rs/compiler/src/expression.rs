//! Expressions of the levy language: from text to a tree. Part 4 of `docs/levy_language.md`.

use crate::Fault;

/// What an expression gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    Money,
    Rate,
    Count,
    YesNo,
    Date,
    State,
    /// One of these words.
    Choice(Vec<String>),
    /// A quoted word whose type is that of its other side.
    Word(String),
    /// The bare number 0, of any unit.
    Zero,
}

/// An expression as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tree {
    /// Cents.
    Money(i64),
    /// Parts per million.
    Rate(i64),
    Count(i64),
    YesNo(bool),
    /// Days since 1970-01-01.
    Date(i64),
    Word(String),
    /// A name, with dots where it has them.
    Name(String),
    Unary(&'static str, Box<Tree>),
    Binary(&'static str, Box<Tree>, Box<Tree>),
    If(Box<Tree>, Box<Tree>, Box<Tree>),
    In(Box<Tree>, Vec<Tree>),
    Call(String, Vec<Tree>),
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Tree(Tree),
    Name(String),
    Sign(&'static str),
    End,
}

impl std::fmt::Display for Token {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Token::Tree(Tree::YesNo(yes)) => formatter.write_str(if *yes { "yes" } else { "no" }),
            Token::Tree(Tree::Word(word)) => write!(formatter, "'{word}'"),
            Token::Tree(_) => formatter.write_str("a number"),
            Token::Name(name) => formatter.write_str(name),
            Token::Sign(sign) => write!(formatter, "«{sign}»"),
            Token::End => formatter.write_str("the end"),
        }
    }
}

const SIGNS: [&str; 14] = ["!=", "<=", ">=", "=", "<", ">", "+", "-", "*", "/", "(", ")", ",", "%"];
const WORDS: [&str; 7] = ["and", "or", "not", "in", "if", "then", "else"];

/// Reads an expression.
pub fn parse(text: &str) -> Result<Tree, Fault> {
    let tokens = tokens(text).map_err(|what| Fault(format!("{what} in «{text}»")))?;
    let mut parser = Parser { tokens, place: 0 };
    let tree = parser.expression(0).map_err(|what| Fault(format!("{what} in «{text}»")))?;
    match parser.next() {
        Token::End => Ok(tree),
        other => Err(Fault(format!("{other} follows the end of «{text}»"))),
    }
}

/// A decimal number scaled by ten to the power of `places`; more places are refused.
pub fn scaled(text: &str, places: usize) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) || part.len() > places {
        return None;
    }
    format!("{whole}{part:0<places$}").parse().ok()
}

/// A date as days since 1970-01-01.
pub fn day(text: &str) -> Option<i64> {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else { return None };
    if (year.len(), month.len(), day.len()) != (4, 2, 2) {
        return None;
    }
    let date = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    let days = tax_core::day_of(date.0, date.1, date.2);
    (tax_core::date_of(days) == date).then_some(days)
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut rest = text.trim_start();
    let mut tokens = Vec::new();
    while let Some(first) = rest.chars().next() {
        let length = |holds: fn(char) -> bool| rest.find(|letter| !holds(letter)).unwrap_or(rest.len());
        let (token, size) = if first.is_ascii_digit() {
            let size = length(|letter| letter.is_ascii_digit() || letter == '.' || letter == '-');
            number(&rest[..size], rest[size..].starts_with('%'))?
        } else if first == '\'' {
            let end = rest[1..].find('\'').ok_or("a quotation mark is missing")?;
            (Token::Tree(Tree::Word(rest[1..=end].into())), end + 2)
        } else if first.is_ascii_alphabetic() {
            let size = length(|letter| letter.is_ascii_alphanumeric() || letter == '_' || letter == '.');
            let word = &rest[..size];
            let token = match (word, WORDS.iter().find(|known| **known == word)) {
                ("yes", _) => Token::Tree(Tree::YesNo(true)),
                ("no", _) => Token::Tree(Tree::YesNo(false)),
                (_, Some(known)) => Token::Sign(known),
                _ => Token::Name(word.into()),
            };
            (token, size)
        } else {
            let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign)).ok_or(format!("unknown sign {first}"))?;
            (Token::Sign(sign), sign.len())
        };
        tokens.push(token);
        rest = rest[size..].trim_start();
    }
    tokens.push(Token::End);
    Ok(tokens)
}

/// A number is money with two decimals, a rate with a percent sign, a date, or a whole number.
fn number(text: &str, percent: bool) -> Result<(Token, usize), String> {
    let text = text.strip_suffix('-').unwrap_or(text);
    let tree = if percent {
        scaled(text, 4).map(Tree::Rate)
    } else if let Some(date) = day(text) {
        Some(Tree::Date(date))
    } else if text.rsplit_once('.').is_some_and(|(_, cents)| cents.len() == 2) {
        scaled(text, 2).map(Tree::Money)
    } else {
        scaled(text, 0).map(Tree::Count)
    };
    let tree = tree.ok_or(format!("{text} is neither money (1600.00), a rate (6.25%), a whole number nor a date"))?;
    Ok((Token::Tree(tree), text.len() + usize::from(percent)))
}

struct Parser {
    tokens: Vec<Token>,
    place: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        &self.tokens[self.place.min(self.tokens.len() - 1)]
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.place += 1;
        token
    }

    fn expect(&mut self, sign: &str) -> Result<(), String> {
        match self.next() {
            Token::Sign(found) if found == sign => Ok(()),
            other => Err(format!("{sign} is expected, not {other}")),
        }
    }

    fn expression(&mut self, strength: u8) -> Result<Tree, String> {
        let mut left = self.operand()?;
        while let Token::Sign(sign) = *self.peek() {
            let own = match sign {
                "or" => 1,
                "and" => 2,
                "=" | "!=" | "<" | "<=" | ">" | ">=" | "in" => 4,
                "+" | "-" => 5,
                "*" | "/" => 6,
                _ => break,
            };
            if own <= strength {
                break;
            }
            self.next();
            left = if sign == "in" {
                self.expect("(")?;
                Tree::In(Box::new(left), self.arguments()?)
            } else {
                Tree::Binary(sign, Box::new(left), Box::new(self.expression(own)?))
            };
        }
        Ok(left)
    }

    fn operand(&mut self) -> Result<Tree, String> {
        match self.next() {
            Token::Tree(tree) => Ok(tree),
            Token::Sign("(") => {
                let inside = self.expression(0)?;
                self.expect(")")?;
                Ok(inside)
            }
            Token::Sign("not") => Ok(Tree::Unary("not", Box::new(self.expression(3)?))),
            Token::Sign("-") => Ok(Tree::Unary("-", Box::new(self.expression(6)?))),
            Token::Sign("if") => {
                let condition = self.expression(0)?;
                self.expect("then")?;
                let yes = self.expression(0)?;
                self.expect("else")?;
                Ok(Tree::If(Box::new(condition), Box::new(yes), Box::new(self.expression(0)?)))
            }
            Token::Name(name) if *self.peek() == Token::Sign("(") => {
                self.next();
                Ok(Tree::Call(name, self.arguments()?))
            }
            Token::Name(name) => Ok(Tree::Name(name)),
            other => Err(format!("{other} is no value")),
        }
    }

    fn arguments(&mut self) -> Result<Vec<Tree>, String> {
        let mut arguments = vec![self.expression(0)?];
        loop {
            match self.next() {
                Token::Sign(",") => arguments.push(self.expression(0)?),
                Token::Sign(")") => return Ok(arguments),
                other => return Err(format!("a comma or ) is expected, not {other}")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_by_their_form() {
        assert_eq!(parse("1600.00").unwrap(), Tree::Money(160_000));
        assert_eq!(parse("6.25%").unwrap(), Tree::Rate(62_500));
        assert_eq!(parse("2026-01-01").unwrap(), Tree::Date(20_454));
        assert_eq!(parse("12").unwrap(), Tree::Count(12));
        assert!(parse("1.234").is_err());
        assert!(parse("2026-02-30").is_err());
    }

    #[test]
    fn products_bind_before_sums_and_conditions_last() {
        let tree = parse("price - discount * 2 > 0.00 and not known(trade)").unwrap();
        let Tree::Binary("and", comparison, _) = tree else { panic!("and binds last") };
        assert!(matches!(*comparison, Tree::Binary(">", _, _)));
    }
}
