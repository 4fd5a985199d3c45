"""A deal's way from the first numbers to the lender's money, and who may take each step."""

from typing import Literal

from backend.auth.principal import Role

Status = Literal[
    "working", "presented", "committed", "in_finance", "contracted", "delivered", "funded", "lost", "unwound"
]
DESK: frozenset[Role] = frozenset({"tenant_admin", "manager", "finance", "sales"})
MANAGERS: frozenset[Role] = frozenset({"tenant_admin", "manager"})
OFFICE: frozenset[Role] = frozenset({"tenant_admin", "manager", "finance"})

STEPS: dict[tuple[str, str], frozenset[Role]] = {
    ("working", "presented"): DESK,
    ("presented", "working"): DESK,
    ("presented", "committed"): DESK,
    ("committed", "presented"): MANAGERS,
    ("committed", "in_finance"): MANAGERS,
    ("in_finance", "committed"): OFFICE,
    ("in_finance", "contracted"): OFFICE,
    ("contracted", "delivered"): OFFICE,
    ("delivered", "funded"): OFFICE,
    ("contracted", "unwound"): MANAGERS,
    ("delivered", "unwound"): MANAGERS,
    ("working", "lost"): DESK,
    ("presented", "lost"): DESK,
    ("committed", "lost"): MANAGERS,
    ("in_finance", "lost"): MANAGERS,
    ("lost", "working"): DESK,
}
# From the signature on, a deal is what was signed: nothing in it changes.
LOCKED = frozenset({"contracted", "delivered", "funded", "unwound"})
FIRST = "working"
