"""A deal is read on two roads, the short one and the framework's; whoever asks must not be able to tell which."""

import time
import uuid
from typing import Any

import httpx
import pytest

from tests.api.samples import new_deal
from tests.api.world import World

# With an Origin a request takes the long road; it is none of the allowed, so nothing is added to the answer.
LONG = {"origin": "https://elsewhere.example.com"}
OF_ONE_REQUEST = {"x-request-id", "ratelimit-remaining", "ratelimit-reset", "ratelimit-limit", "date"}


def both(world: World, path: str, headers: dict[str, str]) -> tuple[httpx.Response, httpx.Response]:
    with httpx.Client(base_url=world.server.url, timeout=30) as client:
        return client.get(path, headers=headers), client.get(path, headers={**headers, **LONG})


@pytest.fixture(scope="module")
def deal(world: World) -> dict[str, Any]:
    return new_deal(world.north.people["sales"], world.north.rooftops[0])


CASES = {
    "found": (200, "sales", {}),
    "known already": (304, "sales", {"if-none-match": 'W/"7", "1"'}),
    "another revision": (200, "sales", {"if-none-match": '"2"'}),
    "an id of nothing": (404, "manager", {}),
    "another group's": (404, "south", {}),
    "a role that may not": (403, "platform_admin", {}),
    "no token": (401, "", {}),
    "a wrong token": (401, "", {"authorization": "Bearer x.y.z"}),
}


@pytest.mark.parametrize("case", CASES)
def test_both_roads_answer_alike(world: World, deal: dict[str, Any], case: str) -> None:
    status, who, headers = CASES[case]
    if who:
        person = world.south.admin if who == "south" else world.person(who)
        headers = {**headers, "authorization": f"Bearer {person.token}"}
    path = f"/api/v1/deals/{uuid.uuid4() if case == 'an id of nothing' else deal['id']}"
    short, long = both(world, path, headers)
    assert short.status_code == long.status_code == status
    assert short.content == long.content
    told = [{k: v for k, v in answer.headers.items() if k not in OF_ONE_REQUEST} for answer in (short, long)]
    assert told[0] == told[1]
    assert short.headers["x-request-id"] != long.headers["x-request-id"]


def test_both_are_counted_and_audited(world: World, deal: dict[str, Any]) -> None:
    auditor = world.north.people["auditor"]
    series = 'autolytiq_requests_total{method="GET",route="/api/v1/deals/{deal_id}",status="200"}'

    def counted() -> float:
        text = httpx.get(world.server.url + "/metrics").text
        return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(series))

    def noted() -> int:
        time.sleep(1.2)
        return len(auditor.get(f"/audit?object_id={deal['id']}&action=deal.read&limit=200").json()["items"])

    before = counted(), noted()
    both(world, f"/api/v1/deals/{deal['id']}", {"authorization": f"Bearer {auditor.token}"})
    assert counted() == before[0] + 2
    assert noted() == before[1] + 2
