"""What a customer is found by, tolerant of typing.

Names, e-mails, telephone numbers and VINs are cut into pieces of three letters; a customer is near a query when most of
the query's pieces are theirs. Pieces are rows with an index on equality, which is used under row-level security.
"""

import re
import unicodedata

from backend.customers.checks import telephone
from backend.customers.schemas import CustomerBody

# Pieces of names, e-mails, telephone numbers and VINs; whole ones in capitals, for finding duplicates.
NAME, EMAIL, PHONE, VIN = "n", "e", "p", "v"
MOST_TERMS = 400
# Letters that no accent was taken off, as people without them type them.
LETTERS = str.maketrans({"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th"})
APOSTROPHES = re.compile(r"['’ʼ`]")


def plain(text: str) -> str:
    """Without accents and case; other scripts and symbols stay."""
    spread = unicodedata.normalize("NFKD", text)
    bare = unicodedata.normalize("NFC", "".join(c for c in spread if not unicodedata.combining(c)))
    return bare.casefold().translate(LETTERS)


def words(text: str) -> list[str]:
    """The words of a name; an apostrophe divides nothing, so O'Brien is found as obrien."""
    return [word for word in re.split(r"[\s,.;:_/()\-]+", APOSTROPHES.sub("", plain(text))) if word]


def pieces(word: str, *, ends: bool = True) -> set[str]:
    """Three letters each, over the word's ends too."""
    padded = f" {word} " if ends else word
    return {padded[at : at + 3] for at in range(len(padded) - 2)}


def terms(body: CustomerBody) -> list[str]:
    """All that a customer is found by."""
    found: set[str] = set()
    name = " ".join(part for part in (body.first_name, body.middle_name, body.last_name, body.company) if part)
    for word in words(name):
        found |= {NAME + piece for piece in pieces(word)}
    if name:
        found.add("N" + " ".join(words(name)))
    for contact in body.contacts:
        if contact.kind == "email":
            email = plain(contact.value)
            found |= {EMAIL + piece for piece in pieces(email.partition("@")[0])}
            found.add("E" + email)
        else:
            number = telephone(contact.value) or ""
            found |= {PHONE + piece for piece in pieces(number.removeprefix("+1").removeprefix("+"), ends=False)}
            found.add("P" + number)
    for vehicle in body.vehicles:
        if vehicle.vin:
            found |= {VIN + piece for piece in pieces(vehicle.vin.lower(), ends=False)}
            found.add("V" + vehicle.vin)
    return sorted(found)[:MOST_TERMS]


def query(text: str) -> dict[str, set[str]]:
    """The pieces that a query asks for, by kind; a customer is scored by the kind that fits best."""
    out: dict[str, set[str]] = {}
    bare = text.strip()
    if "@" in bare:
        out[EMAIL] = {EMAIL + piece for piece in pieces(plain(bare).partition("@")[0])}
        return out
    digits = re.sub(r"\D", "", bare)
    if len(digits) >= 4 and re.fullmatch(r"[\d\s().+\-/]+", bare):
        if len(digits) == 11 and digits.startswith("1"):
            digits = digits[1:]
        if len(digits) == 10:
            # Nearly all customers of a store share its area code: it finds nobody, and would be looked up for all.
            digits = digits[3:]
        out[PHONE] = {PHONE + piece for piece in pieces(digits, ends=False)}
    compact = re.sub(r"\s", "", bare).lower()
    if 4 <= len(compact) <= 17 and re.fullmatch(r"[a-z0-9]+", compact) and re.search(r"\d", compact):
        out[VIN] = {VIN + piece for piece in pieces(compact, ends=False)}
    named = words(bare)
    if named:
        out[NAME] = {NAME + piece for word in named for piece in pieces(word)}
    return {kind: found for kind, found in out.items() if found}
