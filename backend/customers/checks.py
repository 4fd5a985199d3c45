"""What a VIN and a telephone number must be."""

import re

from backend.http.problems import FieldError

VALUES = {str(digit): digit for digit in range(10)} | dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)
)
WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
# North American numbers: area code and exchange begin with 2 to 9 (47 CFR 52).
NORTH_AMERICAN = re.compile(r"1?([2-9][0-9]{2}[2-9][0-9]{6})")


def vin_check_digit(vin: str) -> str:
    """The ninth character that these characters demand (49 CFR 565.15(c))."""
    rest = sum(VALUES[character] * weight for character, weight in zip(vin, WEIGHTS, strict=True)) % 11
    return "X" if rest == 10 else str(rest)


def vin_fault(vin: str, field: str) -> FieldError | None:
    """What is wrong with a VIN, if anything; its form is checked before."""
    wanted = vin_check_digit(vin)
    if vin[8] == wanted:
        return None
    message = f"the check digit of this VIN is {vin[8]} but must be {wanted}: a character was mistyped"
    return FieldError(field, "check_digit", message)


def telephone(typed: str) -> str | None:
    """A number as +1 and ten digits, or another country's as + and its digits; None for no telephone number."""
    digits = re.sub(r"[ ().\-/]", "", typed)
    if digits.startswith("+") and not digits.startswith("+1"):
        return digits if re.fullmatch(r"\+[2-9][0-9]{6,14}", digits) else None
    found = NORTH_AMERICAN.fullmatch(digits.removeprefix("+"))
    return "+1" + found.group(1) if found else None
