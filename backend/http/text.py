"""Kinds of text that requests hold, each with what it accepts."""

from typing import Annotated

from msgspec import Meta

from backend.tax import states

# No control characters: they are never typed, and PostgreSQL stores no NUL.
PLAIN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
ONE_LINE = r"^[^\x00-\x1f\x7f]*$"

Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=ONE_LINE, examples=["Ana O'Brien"])]
Line = Annotated[str, Meta(max_length=200, pattern=ONE_LINE)]
Note = Annotated[str, Meta(min_length=1, max_length=4000, pattern=PLAIN)]
Slug = Annotated[
    str, Meta(min_length=2, max_length=60, pattern="^[a-z0-9][a-z0-9-]*[a-z0-9]$", examples=["lone-star-motors"])
]
Email = Annotated[
    str,
    Meta(
        max_length=254,
        pattern=r"^[^\s@\x00-\x1f<>()\[\],;:\\\"]{1,64}@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$",
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
IdempotencyKey = Annotated[str, Meta(min_length=8, max_length=128, pattern="^[A-Za-z0-9_.:-]+$")]
