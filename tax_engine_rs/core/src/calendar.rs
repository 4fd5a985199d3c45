//! Plain dates of the proleptic Gregorian calendar as days since 1970-01-01.

/// Days of the 400-year cycle of the calendar.
const CYCLE: i64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH: i64 = 719_468;

/// The day of a date, counted from 1970-01-01. Years begin in March here, so that the leap day ends one.
pub const fn day_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let cycle = year.div_euclid(400);
    let year_of_cycle = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    cycle * CYCLE + year_of_cycle * 365 + year_of_cycle / 4 - year_of_cycle / 100 + day_of_year - EPOCH
}

/// Year, month and day of a day counted from 1970-01-01.
pub const fn date_of(day: i64) -> (i64, i64, i64) {
    let day = day + EPOCH;
    let cycle = day.div_euclid(CYCLE);
    let day_of_cycle = day.rem_euclid(CYCLE);
    let year_of_cycle = (day_of_cycle - day_of_cycle / 1_460 + day_of_cycle / 36_524 - day_of_cycle / 146_096) / 365;
    let day_of_year = day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let date = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_cycle + cycle * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, date)
}

/// The same day of the month `months` later, or the month's last day where it has none.
pub const fn months_later(day: i64, months: i64) -> i64 {
    let (year, month, date) = date_of(day);
    let count = year * 12 + month - 1 + months;
    let (year, month) = (count.div_euclid(12), count.rem_euclid(12) + 1);
    let next = if month == 12 { day_of(year + 1, 1, 1) } else { day_of(year, month + 1, 1) };
    let last = next - day_of(year, month, 1);
    day_of(year, month, if date < last { date } else { last })
}

/// Full months from one day to another.
pub const fn months_between(from: i64, to: i64) -> i64 {
    let (year_from, month_from, date_from) = date_of(from);
    let (year_to, month_to, date_to) = date_of(to);
    let months = (year_to - year_from) * 12 + month_to - month_from;
    if date_to < date_from { months - 1 } else { months }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_days() {
        assert_eq!(day_of(1970, 1, 1), 0);
        assert_eq!(day_of(2000, 2, 29), 11_016);
        assert_eq!(date_of(11_016), (2000, 2, 29));
        assert_eq!(date_of(day_of(2026, 11, 22)), (2026, 11, 22));
    }

    #[test]
    fn months_keep_the_day_or_take_the_last() {
        assert_eq!(date_of(months_later(day_of(2027, 1, 31), 1)), (2027, 2, 28));
        assert_eq!(date_of(months_later(day_of(2026, 11, 30), 3)), (2027, 2, 28));
        assert_eq!(months_between(day_of(2026, 1, 15), day_of(2027, 1, 14)), 11);
    }
}
