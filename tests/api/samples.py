"""Customers and deals as people would type them."""

import json
import uuid
from typing import Any

from tests.api.server import TOP
from tests.api.world import Person


def example(name: str) -> dict[str, Any]:
    deal: dict[str, Any] = json.loads((TOP / "docs" / "examples" / f"{name}.json").read_text())
    deal.pop("id", None)
    return deal


def new_customer(person: Person, **fields: Any) -> dict[str, Any]:
    body = {"first_name": "Ana", "last_name": "Q" + uuid.uuid4().hex[:8], **fields}
    answer = person.post("/customers", body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def deal_body(rooftop: str, name: str = "tx-finance", **fields: Any) -> dict[str, Any]:
    return {**example(name), "rooftop_id": rooftop, **fields}


def new_deal(person: Person, rooftop: str, name: str = "tx-finance", **fields: Any) -> dict[str, Any]:
    answer = person.post("/deals", {"deal": deal_body(rooftop, name, **fields)})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def step(person: Person, deal: dict[str, Any], status: str) -> dict[str, Any]:
    """Take a deal to a status, as this person; the answer's own deal comes back."""
    headers = {"if-match": f'"{deal["rev"]}"'}
    answer = person.post(f"/deals/{deal['id']}/status", {"status": status}, headers=headers)
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made
