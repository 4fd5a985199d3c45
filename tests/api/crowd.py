"""A dealer group with fifty thousand customers, made by SQL, for what must hold at that size."""

import io
import random
import uuid

import msgspec

from backend.customers.schemas import Contact, CustomerBody
from backend.customers.search import terms
from tests.api.world import Group, World

MANY = 50_000
# A query as people type it, and what stands in the name of the first that is found.
ASKED = {"Wei Kowalsky": "Kowal", "Garcisom": "Garci", "2142000157": "", "murphyton": "Murphyton"}


def fifty_thousand(group: str) -> tuple[str, str]:
    """Rows of customers with names of many kinds, and of the pieces that they are found by."""
    dice = random.Random(7)
    heads = [
        "Kow",
        "Her",
        "Gar",
        "Ngu",
        "Oka",
        "Pet",
        "Had",
        "Sil",
        "Bro",
        "Joh",
        "Smi",
        "Wil",
        "Mur",
        "Fer",
        "Lin",
        "Chu",
    ]
    middles = ["al", "nan", "ci", "yen", "for", "ro", "da", "ve", "wn", "ns", "th", "lia", "phy", "gu", "den", "ang"]
    tails = ["ski", "dez", "a", "son", "v", "berg", "ez", "ton", "ley", "man", "o", "er", "s", "ova", "in", "well"]
    firsts = [
        head + tail for head in ("Jam", "Mar", "Rob", "Pat", "Jua", "Lin", "We", "Ol") for tail in ("es", "y", "a", "i")
    ]
    rows, pieces = io.StringIO(), io.StringIO()
    for n in range(MANY):
        doc = uuid.UUID(int=(1 << 120) + n)
        first, last = dice.choice(firsts), dice.choice(heads) + dice.choice(middles) + dice.choice(tails)
        phone = f"214{2_000_000 + n * 157 % 7_999_999:07d}"
        email = f"{last.lower()}{n}@example.com"
        body = CustomerBody(
            first_name=first,
            last_name=last,
            contacts=[Contact(id="m", kind="mobile", value=phone), Contact(id="e", kind="email", value=email)],
        )
        data = msgspec.json.encode(body).decode()
        rows.write(f"{group}\t{doc}\tcustomer\t1\t1\t{n + 1}\t{data}\t{first} {last}\tactive\t{doc}\t{doc}\n")
        pieces.writelines(f"{group}\t{term}\t{doc}\n" for term in terms(body))
    return rows.getvalue(), pieces.getvalue()


def crowded(world: World) -> Group:
    """A group with that many."""
    group = world.group("big")
    rows, pieces = fifty_thousand(group.id)
    columns = "tenant_id, id, kind, schema_version, rev, seq, body, title, status, created_by, changed_by"
    world.copy(f"documents ({columns})", rows)
    world.copy("search_terms (tenant_id, term, doc_id)", pieces)
    # As autovacuum does after a while.
    world.sql("VACUUM (ANALYZE) search_terms")
    world.sql("VACUUM (ANALYZE) documents")
    return group
