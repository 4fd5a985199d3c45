//! What stops the build: each fault of a rule file and the sentence that names it.

use crate::{Fault, compile};

/// A catalogue of a few inputs.
const INPUTS: &str = r#"
[states]
TX = "Texas"

[[facts]]
name = "price"
type = "money"
default = "required"
item = ["retail"]
says = "price"

[[facts]]
name = "doc_fee"
type = "money"
default = "zero"
item = ["retail"]
says = "document fee"

[[facts]]
name = "trade_allowance"
type = "money"
default = "zero"
item = ["retail"]
says = "trade-in"

[[facts]]
name = "payment"
type = "money"
default = "required"
item = ["lease"]
says = "payment"

[[facts]]
name = "weight_lbs"
type = "count"
default = "required"
says = "weight"

[[facts]]
name = "fuel"
type = "choice"
choices = ["gasoline", "electric"]
default = "required"
says = "what drives the vehicle"

[[facts]]
name = "sale_date"
type = "date"
default = "the date of the request"
says = "date of the contract"

[[facts]]
name = "residence_state"
type = "state"
default = "here"
says = "where the buyer lives"

[[lists]]
name = "local"
says = "local levies"
fields = [{ name = "rate", type = "rate", default = "required", says = "rate" }]
"#;

/// A sound rule file, which each test spoils in one place.
const SOUND: &str = r#"
code = "XX"
name = "Example"
tax_name = "Sales tax"
authority = "The office"
reviewed = 2026-11-24
summary = "An example."

[sources.act]
title = "The act"
kind = "statute"

[values.rate]
says = "rate"
unit = "percent"
is = [
  { value = "6.00", until = 2024-06-30, source = ["act"], confidence = "primary" },
  { value = "7.00", from = 2024-07-01, source = ["act"], confidence = "primary" },
]

[values.weight_fee]
says = "fee by weight"
unit = "money"
keys = ["fuel", "weight_lbs"]
is = { rows = [["gasoline", "..3499", "20.00"], ["gasoline", "3500..", "30.00"], ["electric", "*", "50.00"]], source = ["act"], confidence = "primary" }

[bases.sales_price]
kind = "retail"
says = "sales price"
[bases.sales_price.items]
price = { value = "in", source = ["act"], confidence = "primary" }
doc_fee = { value = "in", source = ["act"], confidence = "primary" }
[bases.sales_price.credits]
trade_allowance = { value = "full", source = ["act"], confidence = "primary" }

[[levies]]
id = "sales_tax"
name = "Sales tax"
kind = "retail"
category = "tax"
when = "residence_state = here"
base = "sales_price"
rate = "rate"
due = "signing"
collector = "dealer"
source = ["act"]
confidence = "primary"

[[levies]]
id = "registration"
name = "Registration"
kind = "retail"
category = "fee"
amount = "weight_fee"
due = "registration"
collector = "agency"
source = ["act"]
confidence = "primary"
"#;

fn compiled(text: &str) -> Result<(), Fault> {
    compile(INPUTS, &[("XX.toml".into(), text.into())]).map(|_| ())
}

/// The sentence that stops the build when `old` becomes `new` in the sound file.
fn fault(old: &str, new: &str) -> String {
    assert_eq!(SOUND.matches(old).count(), 1, "«{old}» stands once");
    let Err(Fault(what)) = compiled(&SOUND.replace(old, new)) else { panic!("«{new}» is taken") };
    what.strip_prefix("XX.toml: ").expect("the file is named").to_string()
}

#[test]
fn the_sound_file_is_sound() {
    assert_eq!(compiled(SOUND), Ok(()));
}

#[test]
fn periods_leave_nothing_open_and_nothing_twice() {
    let second = "from = 2024-07-01,";
    assert_eq!(fault(second, "from = 2024-06-30,"), "rate: the rows overlap at 2024-06-30");
    assert_eq!(fault(second, "from = 2024-07-02,"), "rate: the rows leave a gap at 2024-07-02");
    assert_eq!(
        fault("{ value = \"6.00\", until", "{ value = \"6.00\", from = 2023-02-01, until"),
        "rate: nothing is said before 2023-02-01: write a row that says what holds, or not_known"
    );
    assert_eq!(fault(second, "from = 2024-07-01, until = 2030-12-30,"), "rate: nothing is said after 2030-12-30");
    assert_eq!(
        fault(second, "from = 2024-07-01, until = 2024-06-30,"),
        "rate: a row ends on 2024-06-30 before it begins"
    );
}

#[test]
fn unfamiliar_keys_and_words_are_named() {
    let unknown = fault("collector = \"dealer\"", "collector = \"dealer\"\nshrae = \"50%\"");
    assert!(unknown.contains("unknown field `shrae`, expected one of `id`, `name`"), "{unknown}");
    let unknown = fault("from = 2024-07-01,", "fron = 2024-07-01,");
    assert!(unknown.contains("unknown field `fron`, expected one of `value`, `rows`, `from`"), "{unknown}");
    let unknown = fault("kind = \"statute\"", "kind = \"hearsay\"");
    assert!(unknown.contains("unknown variant `hearsay`, expected one of `statute`"), "{unknown}");
    let missing = fault("collector = \"agency\"\nsource = [\"act\"]", "collector = \"agency\"");
    assert!(missing.contains("missing field `source`"), "{missing}");
    assert_eq!(
        fault("price = { value = \"in\"", "price = { value = \"inside\""),
        "base sales_price: sales_price.price: inside is no fact, value or base in «inside»"
    );
    assert_eq!(
        fault("amount = \"weight_fee\"", "amount = \"wieght_fee\""),
        "levy registration: wieght_fee is no fact, value or base in «wieght_fee»"
    );
    assert_eq!(
        fault("amount = \"weight_fee\"", "amount = \"least(price, 1.00)\""),
        "levy registration: there is no least of 2 arguments in «least(price, 1.00)»"
    );
    assert_eq!(
        fault("= here", "= here and fuel = 'coal'"),
        "levy sales_tax: 'coal' is none of [\"gasoline\", \"electric\"] in «residence_state = here and fuel = 'coal'»"
    );
    assert_eq!(fault("[values.rate]", "[values.base]"), "the name base has a meaning already");
    assert_eq!(
        fault("rate = \"rate\"", "rate = \"rate\"\nround = \"nickel\""),
        "levy sales_tax: nothing is rounded to a nickel"
    );
    assert_eq!(
        fault("rate = \"rate\"", "rate = \"rate\"\neach = \"locals\""),
        "levy sales_tax: there is no list locals"
    );
    assert_eq!(
        fault("rate = \"rate\"", "rate = \"rate\"\ndate = \"price\""),
        "levy sales_tax: date price is no date of the deal"
    );
    assert_eq!(fault("code = \"XX\"", "code = \"xx\""), "code \"xx\" is not two capital letters");
}

#[test]
fn an_expression_that_breaks_off_is_shown() {
    let when = |text: &str| fault("when = \"residence_state = here\"", &format!("when = \"{text}\""));
    assert_eq!(
        when("(residence_state = here"),
        "levy sales_tax: ) is expected, not the end in «(residence_state = here»"
    );
    assert_eq!(
        when("residence_state = here and"),
        "levy sales_tax: the end is no value in «residence_state = here and»"
    );
    assert_eq!(when("price > in"), "levy sales_tax: «in» is no value in «price > in»");
    assert_eq!(when("yes yes"), "levy sales_tax: yes follows the end of «yes yes»");
    assert_eq!(
        when("price > 1.234"),
        "levy sales_tax: 1.234 is neither money (1600.00), a rate (6.25%), a whole number nor a date in «price > 1.234»"
    );
}

#[test]
fn every_value_is_read_and_every_source_cited() {
    assert_eq!(fault("amount = \"weight_fee\"", "amount = \"20.00\""), "never read: weight_fee");
    assert_eq!(
        fault("[sources.act]", "[sources.old]\ntitle = \"Old\"\nkind = \"statute\"\n\n[sources.act]"),
        "the source old is never cited"
    );
    let cited = "source = [\"act\"], confidence = \"primary\" },\n]";
    assert_eq!(
        fault(cited, "source = [\"atc\"], confidence = \"primary\" },\n]"),
        "rate: the source atc is not defined"
    );
    assert_eq!(fault(cited, "source = [], confidence = \"primary\" },\n]"), "rate: a row has no source");
    assert_eq!(
        fault("collector = \"agency\"\nsource = [\"act\"]", "collector = \"agency\"\nsource = [\"atc\"]"),
        "registration: the source atc is not defined"
    );
}

#[test]
fn units_are_kept_apart() {
    let rate = |text: &str| fault("rate = \"rate\"", &format!("rate = \"{text}\""));
    assert_eq!(rate("price"), "levy sales_tax: «price» is Money, Rate is expected");
    assert_eq!(rate("rate + price"), "levy sales_tax: Rate and Money are not of one type in «rate + price»");
    assert_eq!(
        rate("rate * fuel"),
        "levy sales_tax: Rate * Choice([\"gasoline\", \"electric\"]) has no meaning in «rate * fuel»"
    );
    assert_eq!(
        rate("if fuel = 'electric' then 0% else price"),
        "levy sales_tax: Rate and Money are not of one type in «if fuel = 'electric' then 0% else price»"
    );
    let when = |text: &str| fault("when = \"residence_state = here\"", &format!("when = \"{text}\""));
    assert_eq!(when("residence_state"), "levy sales_tax: «residence_state» is State, YesNo is expected");
    assert_eq!(when("price > 1600"), "levy sales_tax: Money and Count are not of one type in «price > 1600»");
    assert_eq!(when("year(price) > 2026"), "levy sales_tax: year takes dates in «year(price) > 2026»");
    assert_eq!(when("tax > 0.00"), "levy sales_tax: tax is no fact, value or base in «tax > 0.00»");
    assert_eq!(
        fault("value = \"7.00\"", "value = \"7.00001\""),
        "value rate: 7.00001 is neither money (1600.00), a rate (6.25%), a whole number nor a date in «7.00001»"
    );
}

#[test]
fn nothing_is_defined_by_itself() {
    assert_eq!(fault("value = \"7.00\"", "value = \"rate\""), "rate is defined by itself");
    assert_eq!(
        fault("doc_fee = { value = \"in\"", "doc_fee = { value = \"sales_price * 10%\""),
        "sales_price is defined by itself"
    );
}

#[test]
fn a_table_holds_every_key_once() {
    assert_eq!(fault("\"3500..\"", "\"3501..\""), "value weight_fee: no row of the table holds the key [0, 3500]");
    assert_eq!(
        fault("\"3500..\"", "\"3499..\""),
        "value weight_fee: rows [\"gasoline\", \"..3499\", \"20.00\"] and [\"gasoline\", \"3499..\", \"30.00\"] both hold the key [0, 3499]"
    );
    let electric = "[\"electric\", \"*\", \"50.00\"]";
    assert_eq!(
        fault(electric, "[\"electric\", \"50.00\"]"),
        "value weight_fee: row [\"electric\", \"50.00\"] has 1 keys, not 2"
    );
    assert_eq!(
        fault(electric, "[\"coal\", \"*\", \"50.00\"]"),
        "value weight_fee: \"coal\" is no key of Choice([\"gasoline\", \"electric\"])"
    );
    assert_eq!(
        fault(electric, "[\"electric\", \"*\", \"50.00\"], [\"*\", \"*\", \"60.00\"]"),
        "value weight_fee: row [\"*\", \"*\", \"60.00\"] is never reached"
    );
    assert_eq!(
        fault("keys = [\"fuel\", \"weight_lbs\"]\n", ""),
        "value weight_fee: needs `value`, or `rows` and `keys`"
    );
}

#[test]
fn an_item_is_placed_once() {
    let doc_fee = "doc_fee = { value = \"in\", source = [\"act\"], confidence = \"primary\" }\n";
    assert_eq!(fault(doc_fee, ""), "base sales_price: doc_fee is not placed, and there is no `rest`");
    assert_eq!(
        fault(
            doc_fee,
            &format!("{doc_fee}trade_allowance = {{ value = \"in\", source = [\"act\"], confidence = \"primary\" }}\n")
        ),
        "base sales_price: trade_allowance is an item and a credit"
    );
    let twice = fault(doc_fee, &format!("{doc_fee}{doc_fee}"));
    assert!(twice.contains("duplicate key"), "{twice}");
    assert_eq!(
        fault(
            doc_fee,
            &format!("{doc_fee}doc_fees = {{ value = \"in\", source = [\"act\"], confidence = \"primary\" }}\n")
        ),
        "base sales_price: item doc_fees is neither a fact nor a value"
    );
    assert_eq!(
        fault("doc_fee = { value = \"in\"", "doc_fee = { value = \"levy fee_tax\""),
        "base sales_price: sales_price.doc_fee: there is no levy fee_tax"
    );
    assert_eq!(
        fault("{ value = \"full\"", "{ value = \"in\""),
        "base sales_price: sales_price.trade_allowance: «in» is no value in «in»"
    );
}

#[test]
fn a_levy_says_what_is_due_and_when() {
    let rate = "base = \"sales_price\"\nrate = \"rate\"\n";
    assert_eq!(fault(rate, "base = \"sales_price\"\n"), "levy sales_tax: `rate` or `amount` is missing");
    assert_eq!(
        fault(rate, "base = \"sales_price\"\nrate = \"row.rate\"\n"),
        "levy sales_tax: a row is read, but there is no `each`"
    );
    assert_eq!(fault("amount = \"weight_fee\"\n", ""), "levy registration: `amount` is missing");
    assert_eq!(fault("due = \"signing\"\n", ""), "levy sales_tax: `due` and `collector` are missing");
    assert_eq!(
        fault("due = \"signing\"", "due = \"each_payment\""),
        "levy sales_tax: payments belong to a lease and have a `count`"
    );
    assert_eq!(fault("id = \"registration\"", "id = \"sales_tax\""), "levy sales_tax stands twice");
    assert_eq!(
        fault("category = \"fee\"", "category = \"limit\""),
        "levy registration: `item` and `amount` are needed"
    );
    assert_eq!(
        fault("category = \"fee\"", "category = \"range\""),
        "levy registration: a range has `least` and `most`"
    );
}

#[test]
fn payments_step_where_rows_do() {
    let lease = |when: &str| {
        let text = format!(
            "{SOUND}\n[[levies]]\nid = \"lease_tax\"\nname = \"Lease tax\"\nkind = \"lease\"\ncategory = \"tax\"\nwhen = \"{when}\"\nbase = \"payment\"\nrate = \"rate\"\ncount = \"36\"\ndue = \"each_payment\"\ncollector = \"lessor\"\ndate = \"payment\"\nsource = [\"act\"]\nconfidence = \"primary\"\n"
        );
        compiled(&text).map_err(|Fault(what)| what)
    };
    assert_eq!(lease("sale_date < 2025-01-01"), Ok(()));
    assert_eq!(
        lease("law_date < 2025-01-01"),
        Err("XX.toml: levy lease_tax: what changes from payment to payment is a dated row, not law_date".into())
    );
}

#[test]
fn a_tax_credit_names_taxes() {
    let credit = |against: &str| {
        let text = format!(
            "{SOUND}\n[[tax_credits]]\nid = \"paid\"\nname = \"Paid\"\nkind = \"retail\"\nagainst = [\"{against}\"]\namount = \"doc_fee\"\nsource = [\"act\"]\nconfidence = \"primary\"\n"
        );
        compiled(&text).map_err(|Fault(what)| what)
    };
    assert_eq!(credit("sales_tax"), Ok(()));
    assert_eq!(credit("registration"), Err("XX.toml: tax credit paid: registration is no tax".into()));
    assert_eq!(credit("use_tax"), Err("XX.toml: tax credit paid: there is no such levy use_tax".into()));
}
