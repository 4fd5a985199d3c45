"""Kinds of text that requests hold, each with what it accepts."""

from typing import Annotated

from msgspec import Meta

from backend.tax import states

# No control characters: they are never typed, and PostgreSQL stores no NUL.
CONTROLS = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
ONE_LINE = f"^[^{CONTROLS}]*$"
PLAIN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"
# At least one character that is seen: no blank, and none of those without width.
SEEN = f"^[^{CONTROLS}]*[^{CONTROLS}\\s\\u200b-\\u200f\\u2060\\ufeff][^{CONTROLS}]*$"

# A description says what is accepted; it stands in the answer to what is not.
Name = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern=SEEN,
        description="one line of text that is not blank, without control characters",
        examples=["Ana O'Brien"],
    ),
]
Line = Annotated[str, Meta(max_length=200, pattern=ONE_LINE, description="one line of text, no control characters")]
Note = Annotated[
    str,
    Meta(min_length=1, max_length=4000, pattern=PLAIN, description="text without control characters but line ends"),
]
Slug = Annotated[
    str,
    Meta(
        min_length=2,
        max_length=60,
        pattern="^[a-z0-9][a-z0-9-]*[a-z0-9]$",
        description="small letters, digits and hyphens, neither first nor last a hyphen",
        examples=["lone-star-motors"],
    ),
]
Email = Annotated[
    str,
    Meta(
        max_length=254,
        pattern=r"^[^\s@\x00-\x1f<>()\[\],;:\\\"]{1,64}@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$",
        description="an e-mail address such as ana@example.com",
        examples=["ana@example.com"],
    ),
]
StateCode = Annotated[
    str,
    Meta(
        pattern=f"^({'|'.join(states())})$",
        description="a state of the US or DC, as two capitals",
        examples=[states()[0]],
    ),
]
Cents = Annotated[int, Meta(ge=0, le=100_000_000_00, description="whole cents")]
