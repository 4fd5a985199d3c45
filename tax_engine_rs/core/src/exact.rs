//! Exact numbers: a fraction of two integers, so that nothing is rounded before the law says so.

use core::cmp::Ordering;

/// The result does not fit; the deal's amounts are beyond anything real.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overflow;

/// How a number is brought to whole units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// The nearest unit, a half goes up.
    HalfUp,
    /// The next unit at or above.
    Up,
    /// The next unit at or below.
    Down,
    /// The nearest unit, a half goes to the even one.
    HalfEven,
}

/// A fraction with a positive denominator, not necessarily in lowest terms.
#[derive(Clone, Copy, Debug)]
pub struct Exact {
    numerator: i128,
    denominator: i128,
}

/// Fits twice into 63 bits, so that a product of two needs no wide multiplication.
const NARROW: i128 = 1 << 31;

/// So long that cents and two rates still fit beside it.
const LONG: i128 = 10i128.pow(21);

impl Exact {
    /// Zero.
    pub const ZERO: Exact = Exact::whole(0);
    /// One, and a true condition.
    pub const ONE: Exact = Exact::whole(1);

    /// A whole number: cents, a count, a day, a choice.
    #[inline]
    pub const fn whole(number: i64) -> Exact {
        Exact { numerator: number as i128, denominator: 1 }
    }

    /// A rate in parts per million.
    #[inline]
    pub const fn per_million(parts: i64) -> Exact {
        Exact { numerator: parts as i128, denominator: 1_000_000 }
    }

    /// A condition.
    #[inline]
    pub const fn truth(condition: bool) -> Exact {
        Exact::whole(condition as i64)
    }

    /// Whether a condition holds.
    #[inline]
    pub const fn is_true(self) -> bool {
        self.numerator != 0
    }

    /// Whether the number is below zero.
    #[inline]
    pub const fn is_negative(self) -> bool {
        self.numerator < 0
    }

    /// Whether the number is zero.
    #[inline]
    pub const fn is_zero(self) -> bool {
        self.numerator == 0
    }

    #[inline]
    fn narrow(self) -> bool {
        -NARROW < self.numerator && self.numerator < NARROW && self.denominator < NARROW
    }

    fn lowest(self) -> Exact {
        let (mut a, mut b) = (self.numerator.unsigned_abs(), self.denominator.unsigned_abs());
        while b != 0 {
            (a, b) = (b, a % b);
        }
        let divisor = a.max(1) as i128;
        Exact { numerator: self.numerator / divisor, denominator: self.denominator / divisor }
    }

    /// The number itself, or one that differs from it by less than its 10^19th part, where it is too long to go on with.
    pub fn carried(self) -> Exact {
        let short = self.lowest();
        let length = short.numerator.abs().max(short.denominator) / LONG;
        match length {
            0 => short,
            _ => Exact { numerator: short.numerator / (length + 1), denominator: short.denominator / (length + 1) },
        }
    }

    /// Does `operation` on the numbers as they are, and once more in lowest terms when that does not fit.
    fn twice(a: Exact, b: Exact, operation: fn(Exact, Exact) -> Option<Exact>) -> Result<Exact, Overflow> {
        operation(a, b).or_else(|| operation(a.lowest(), b.lowest())).ok_or(Overflow)
    }

    /// Sum.
    #[inline(never)]
    pub fn plus(self, other: Exact) -> Result<Exact, Overflow> {
        if self.denominator == other.denominator {
            let numerator = self.numerator.checked_add(other.numerator).ok_or(Overflow)?;
            return Ok(Exact { numerator, denominator: self.denominator });
        }
        Exact::twice(self, other, |a, b| {
            let left = a.numerator.checked_mul(b.denominator)?;
            let right = b.numerator.checked_mul(a.denominator)?;
            Some(Exact { numerator: left.checked_add(right)?, denominator: a.denominator.checked_mul(b.denominator)? })
        })
    }

    /// The number with the other sign.
    #[inline]
    pub fn negative(self) -> Exact {
        Exact { numerator: -self.numerator, denominator: self.denominator }
    }

    /// Difference.
    #[inline(never)]
    pub fn minus(self, other: Exact) -> Result<Exact, Overflow> {
        self.plus(other.negative())
    }

    /// Product.
    #[inline(never)]
    pub fn times(self, other: Exact) -> Result<Exact, Overflow> {
        if self.narrow() && other.narrow() {
            return Ok(Exact {
                numerator: i128::from(self.numerator as i64 * other.numerator as i64),
                denominator: i128::from(self.denominator as i64 * other.denominator as i64),
            });
        }
        Exact::twice(self, other, |a, b| {
            Some(Exact {
                numerator: a.numerator.checked_mul(b.numerator)?,
                denominator: a.denominator.checked_mul(b.denominator)?,
            })
        })
    }

    /// Quotient. Dividing by zero does not fit either.
    pub fn divided_by(self, other: Exact) -> Result<Exact, Overflow> {
        if other.is_zero() {
            return Err(Overflow);
        }
        let sign = other.numerator.signum();
        self.times(Exact { numerator: other.denominator * sign, denominator: other.numerator * sign })
    }

    /// Order of two numbers.
    #[inline(never)]
    pub fn compare(self, other: Exact) -> Result<Ordering, Overflow> {
        if self.denominator == other.denominator {
            return Ok(self.numerator.cmp(&other.numerator));
        }
        self.minus(other).map(|difference| difference.numerator.cmp(&0))
    }

    /// The lesser of two numbers.
    #[inline]
    pub fn least(self, other: Exact) -> Result<Exact, Overflow> {
        Ok(if self.compare(other)? == Ordering::Greater { other } else { self })
    }

    /// The greater of two numbers.
    #[inline]
    pub fn most(self, other: Exact) -> Result<Exact, Overflow> {
        Ok(if self.compare(other)? == Ordering::Less { other } else { self })
    }

    /// The number itself, but never below zero.
    #[inline]
    pub fn above_zero(self) -> Exact {
        if self.is_negative() { Exact::ZERO } else { self }
    }

    /// How many whole `unit`s (above zero) are in the number, brought to a whole by `way`.
    #[inline(never)]
    pub fn units(self, unit: i64, way: Way) -> Result<i64, Overflow> {
        if self.denominator == 1 && unit == 1 {
            return i64::try_from(self.numerator).map_err(|_| Overflow);
        }
        let divisor = self.denominator.checked_mul(i128::from(unit)).ok_or(Overflow)?;
        let (down, rest) = match (i64::try_from(self.numerator), i64::try_from(divisor)) {
            (Ok(n), Ok(d)) => (i128::from(n.div_euclid(d)), i128::from(n.rem_euclid(d))),
            _ => (self.numerator.div_euclid(divisor), self.numerator.rem_euclid(divisor)),
        };
        let half = rest.cmp(&(divisor - rest));
        let up = match way {
            Way::HalfUp => half != Ordering::Less,
            Way::Up => rest > 0,
            Way::Down => false,
            Way::HalfEven => half == Ordering::Greater || (half == Ordering::Equal && down % 2 != 0),
        };
        i64::try_from(down + i128::from(up)).map_err(|_| Overflow)
    }

    /// The number brought to a whole multiple of `unit`.
    #[inline]
    pub fn round(self, unit: i64, way: Way) -> Result<i64, Overflow> {
        self.units(unit, way)?.checked_mul(unit).ok_or(Overflow)
    }

    /// The number as whole parts per million, half up.
    pub fn parts_per_million(self) -> Result<i64, Overflow> {
        if self.denominator == 1_000_000 {
            return i64::try_from(self.numerator).map_err(|_| Overflow);
        }
        self.times(Exact::whole(1_000_000))?.round(1, Way::HalfUp)
    }

    /// The whole number at or below.
    #[inline]
    pub fn floor(self) -> Result<i64, Overflow> {
        if self.denominator == 1 {
            return i64::try_from(self.numerator).map_err(|_| Overflow);
        }
        self.round(1, Way::Down)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_cent_goes_up_and_nothing_less_does() {
        let tax = |cents, ppm| Exact::whole(cents).times(Exact::per_million(ppm)).unwrap();
        assert_eq!(tax(100, 5_000).round(1, Way::HalfUp), Ok(1));
        assert_eq!(tax(100, 4_999).round(1, Way::HalfUp), Ok(0));
        assert_eq!(tax(100, 25_000).round(1, Way::HalfEven), Ok(2));
        assert_eq!(tax(100, 35_000).round(1, Way::HalfEven), Ok(4));
        assert_eq!(tax(101, 10_000).round(1, Way::Up), Ok(2));
        assert_eq!(tax(199, 10_000).round(1, Way::Down), Ok(1));
    }

    #[test]
    fn long_chains_stay_exact() {
        // 0.8375 to the eleventh power, a vehicle license tax chain: 67^11 / 80^11
        let mut factor = Exact::ONE;
        for _ in 0..11 {
            factor = factor.times(Exact::per_million(837_500)).unwrap();
        }
        let value = Exact::whole(3_000_000).times(Exact::per_million(600_000)).unwrap();
        let tax = value.times(factor).unwrap().times(Exact::per_million(28_900)).unwrap();
        // 30,000.00 x 60 % x 0.142178… x 2.89 % = 73.96 (by long division)
        assert_eq!(tax.round(1, Way::HalfUp), Ok(7396));
    }

    #[test]
    fn a_long_power_is_carried_to_where_no_cent_sees_it() {
        // 0.8375 to the 25th power of 18,000.00 at 2.89 %: 6.17718… by long division
        let mut factor = Exact::ONE;
        for _ in 0..25 {
            factor = factor.times(Exact::per_million(837_500)).unwrap().carried();
        }
        let tax = factor.times(Exact::whole(1_800_000)).unwrap().times(Exact::per_million(28_900)).unwrap();
        assert_eq!(tax.times(Exact::whole(1_000)).unwrap().round(1, Way::HalfUp), Ok(617_719));
        // 67^5 / 80^5 is short enough to stay as it is.
        let five = (0..5).fold(Exact::ONE, |factor, _| factor.times(Exact::per_million(837_500)).unwrap().carried());
        assert_eq!(five.times(Exact::whole(80i64.pow(5))).unwrap().floor(), Ok(67i64.pow(5)));
    }

    #[test]
    fn division_by_zero_is_no_number() {
        assert!(Exact::ONE.divided_by(Exact::ZERO).is_err());
    }
}
