"""A deal is read on two roads, the short one and the framework's; whoever asks must not be able to tell which."""

import time
import uuid
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from tests.api import patient
from tests.api.samples import new_deal
from tests.api.world import NOTED_SECONDS, Person, World, at_rest, eventually

# With an Origin a request takes the long road; it is none of the allowed, so nothing is added to the answer.
LONG = {"origin": "https://elsewhere.example.com"}
OF_ONE_REQUEST = {"x-request-id", "ratelimit-remaining", "ratelimit-reset", "ratelimit-limit", "date"}


def both(world: World, path: str, headers: Mapping[str, str | bytes]) -> tuple[httpx.Response, httpx.Response]:
    with httpx.Client(base_url=world.server.url, timeout=patient.PATIENCE) as client:
        return client.get(path, headers=headers), client.get(path, headers={**headers, **LONG})


@pytest.fixture(scope="module")
def deal(world: World) -> dict[str, Any]:
    return new_deal(world.north.people["sales"], world.north.rooftops[0])


CASES: dict[str, tuple[int, str, dict[str, str]]] = {
    "found": (200, "sales", {}),
    "known already": (304, "sales", {"if-none-match": 'W/"7", "1"'}),
    "known whatever it is": (304, "sales", {"if-none-match": "*"}),
    "another revision": (200, "sales", {"if-none-match": '"2"'}),
    "a star among others": (200, "sales", {"if-none-match": '"2", "*"'}),
    "wanted as something else": (200, "sales", {"accept": "text/html"}),
    "another way to write Bearer": (200, "sales", {"scheme": "bEARER"}),
    "all groups' rooftops": (200, "auditor", {}),
    "an id of nothing": (404, "manager", {}),
    "nothing, whatever it is": (404, "manager", {"if-none-match": "*", "id": str(uuid.uuid4())}),
    "another group's": (404, "south", {}),
    "another group's, whatever it is": (404, "south", {"if-none-match": "*"}),
    "another rooftop's": (404, "far manager", {}),
    "a colleague's": (404, "another sales", {}),
    "a deleted one": (404, "auditor", {"id": "deleted"}),
    "a role that may not": (403, "platform_admin", {}),
    "no token": (401, "", {}),
    "a wrong token": (401, "", {"authorization": "Bearer x.y.z"}),
    "a token of another kind": (401, "", {"authorization": "Basic eDp5"}),
    "a token that is too long": (401, "", {"authorization": "Bearer " + "x" * 5000}),
    "letters of another script": (401, "", {"authorization": "Bearer \u00fc.y.z"}),
    "signed out": (401, "signed out", {}),
    "disabled": (401, "disabled", {}),
    "a suspended group": (401, "suspended", {}),
}


@pytest.fixture(scope="module")
def others(world: World, deal: dict[str, Any]) -> dict[str, Person]:
    """People who may not see the deal, or no longer."""
    north, gone = world.north, world.group("gone")
    made = {
        "south": world.south.admin,
        "far manager": north.add(world, f"m{uuid.uuid4().hex[:8]}", "manager", [north.rooftops[1]]),
        "another sales": north.add(world, f"s{uuid.uuid4().hex[:8]}", "sales", [north.rooftops[0]]),
        "signed out": north.add(world, f"o{uuid.uuid4().hex[:8]}", "sales", [north.rooftops[0]]),
        "disabled": north.add(world, f"d{uuid.uuid4().hex[:8]}", "tenant_admin", []),
        "suspended": gone.admin,
    }
    path = f"/deals/{deal['id']}"
    assert made["disabled"].get(path).status_code == 200
    assert made["signed out"].client.post("/api/v1/auth/sign-out").status_code == 204
    user = north.admin.get(f"/users/{made['disabled'].id}").json()
    assert north.admin.patch(f"/users/{user['id']}", {"status": "disabled"}, user["rev"]).status_code == 200
    assert world.platform.post(f"/tenants/{gone.id}/suspend").status_code == 200
    out = [made[name] for name in ("signed out", "disabled", "suspended")]
    until = time.monotonic() + 10
    # Either worker is to have heard of it.
    while [person.get(path).status_code for person in out for _ in range(4)] != [401] * 12:
        assert time.monotonic() < until
        time.sleep(0.2)
    return made


@pytest.fixture(scope="module")
def deleted(world: World) -> str:
    made = new_deal(world.north.people["sales"], world.north.rooftops[0])
    headers = {"if-match": '"1"'}
    assert world.north.people["manager"].delete(f"/deals/{made['id']}", headers=headers).status_code == 204
    return str(made["id"])


def alike(short: httpx.Response, long: httpx.Response) -> None:
    """Status, body and headers, but for those that tell one request from another."""
    assert short.status_code == long.status_code
    assert short.content == long.content
    told = [{k: v for k, v in answer.headers.items() if k not in OF_ONE_REQUEST} for answer in (short, long)]
    assert told[0] == told[1]
    assert {name for name in short.headers if name in OF_ONE_REQUEST} == {
        name for name in long.headers if name in OF_ONE_REQUEST
    }
    assert short.headers["x-request-id"] != long.headers["x-request-id"]


@pytest.mark.parametrize("case", CASES)
def test_both_roads_answer_alike(
    world: World, deal: dict[str, Any], others: dict[str, Person], deleted: str, case: str
) -> None:
    status, who, given = CASES[case]
    headers = dict(given)
    if who:
        person = others[who] if who in others else world.person(who)
        headers["authorization"] = f"{headers.pop('scheme', 'Bearer')} {person.token}"
    wanted = {"deleted": deleted, "": deal["id"]}.get(headers.get("id", ""), headers.get("id"))
    headers.pop("id", None)
    path = f"/api/v1/deals/{uuid.uuid4() if case == 'an id of nothing' else wanted}"
    short, long = both(world, path, {name: value.encode("latin-1") for name, value in headers.items()})
    assert short.status_code == status
    alike(short, long)


def test_what_is_asked_in_another_way_is_answered_alike(world: World, deal: dict[str, Any]) -> None:
    """None of these is plainly for the short road; each must get what the framework gives."""
    headers = {"authorization": f"Bearer {world.north.people['sales'].token}"}
    path = f"/api/v1/deals/{deal['id']}"
    ways = {
        f"{path}/": 200,
        f"{path}?": 200,
        f"{path}?x=1": 422,
        f"/api/v1/deals/{deal['id'].upper()}": 200,
        f"/api/v1/deals/{deal['id'].replace('-', '')}": 200,
        f"/api/v1/deals/%7B{deal['id']}%7D": 200,
        f"/api/v1/deals/{deal['id'][:-1]}": 404,
        f"/api/v1/deals/{deal['id']}%0A": 404,
        f"/api/v1//deals/{deal['id']}": 200,
    }
    found = {way: tuple(answer.status_code for answer in both(world, way, headers)) for way in ways}
    assert found == {way: (status, status) for way, status in ways.items()}


def test_a_header_that_comes_twice_counts_alike(world: World, deal: dict[str, Any]) -> None:
    """Which of two tokens counts must not hang on the road: some proxies look at the first, some at the last."""
    good = ("authorization", f"Bearer {world.north.people['sales'].token}")
    bad = ("authorization", "Bearer x.y.z")
    for pair in ([good, bad], [bad, good]):
        with httpx.Client(base_url=world.server.url, timeout=patient.PATIENCE) as client:
            path = f"/api/v1/deals/{deal['id']}"
            short, long = client.get(path, headers=pair), client.get(path, headers=[*pair, *LONG.items()])
        alike(short, long)


def test_what_goes_wrong_inside_is_told_alike(world: World) -> None:
    """A value that the application cannot read, such as only an operator's hand can have put there."""
    admin = world.north.admin
    broken = new_deal(admin, world.north.rooftops[0])["id"]
    world.sql(f"UPDATE documents SET created_at = 'infinity' WHERE id = '{broken}'")
    try:
        short, long = both(world, f"/api/v1/deals/{broken}", {"authorization": f"Bearer {admin.token}"})
        assert short.status_code == 500
        assert short.headers["content-type"] == "application/problem+json"
        alike(short, long)
        assert "infinity" not in short.text
        # Whoever is told the id by a user finds what it was, once for each.
        for answer in (short, long):
            assert world.server.errors(100_000).count(answer.headers["x-request-id"]) == 1
    finally:
        world.sql(f"UPDATE documents SET created_at = now() WHERE id = '{broken}'")
    assert admin.get(f"/deals/{broken}").status_code == 200


def test_both_are_counted_and_audited(world: World) -> None:
    """Each once: an answer is counted when it is out, a read written a moment later, on a busy machine still later."""
    auditor = world.north.people["auditor"]
    # A deal that nobody else reads.
    deal = new_deal(world.north.people["sales"], world.north.rooftops[0])["id"]
    series = 'autolytiq_requests_total{method="GET",route="/api/v1/deals/{deal_id}",status="200"}'

    def counted() -> float:
        text = patient.get(world.server.url + "/metrics").text
        return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(series))

    def noted() -> int:
        return len(auditor.get(f"/audit?object_id={deal}&action=deal.read&limit=200").json()["items"])

    before = at_rest(counted)
    both(world, f"/api/v1/deals/{deal}", {"authorization": f"Bearer {auditor.token}"})
    assert eventually(lambda: noted() >= 2, NOTED_SECONDS)
    assert (at_rest(counted), at_rest(noted)) == (before + 2, 2)
