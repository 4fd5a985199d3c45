"""A second factor that is lost, or that the server can no longer read, keeps nobody out for good."""

import time
import uuid
from collections.abc import Iterator

import httpx
import pyotp
import pytest

from tests.api import patient
from tests.api.server import Server
from tests.api.world import Person, World, eventually


@pytest.fixture
def extra(world: World) -> Person:
    return world.north.add(world, "t" + uuid.uuid4().hex[:10], "sales", [world.north.rooftops[0]])


def enrol_anew(person: Person) -> None:
    """The next sign-in gives a ticket again; the new app's code counts and the old app's no more."""
    old, old_codes = person.secret, person.codes
    person.sign_in()
    assert person.secret != old
    later = int(time.time()) + 30
    assert attempt_with(person, pyotp.TOTP(old).at(later)).status_code == 401
    assert attempt_with(person, old_codes[0]).status_code == 401
    assert attempt_with(person, pyotp.TOTP(person.secret).at(later)).status_code == 200


def attempt_with(person: Person, code: str) -> httpx.Response:
    return patient.post(person.server.url + "/api/v1/auth/sign-in", json=person.sign_in_body(code=code))


def test_an_admin_removes_a_lost_second_factor(extra: Person, world: World) -> None:
    admin = world.north.admin
    assert admin.get(f"/users/{extra.id}").json()["second_factor"] is True
    assert admin.delete(f"/users/{extra.id}/second-factor").status_code == 204
    assert eventually(lambda: extra.get("/auth/me").status_code == 401)
    assert extra.client.post("/api/v1/auth/refresh").status_code == 401
    assert admin.get(f"/users/{extra.id}").json()["second_factor"] is False
    seen = admin.get(f"/audit?object_id={extra.id}&action=user.second_factor_removed").json()["items"]
    assert [entry["actor"] for entry in seen] == [admin.id]
    again = admin.delete(f"/users/{extra.id}/second-factor")
    assert (again.status_code, again.json()["code"]) == (409, "no_second_factor")
    enrol_anew(extra)


def test_nobody_removes_their_own_or_another_groups(extra: Person, world: World) -> None:
    admin = world.north.admin
    own = admin.delete(f"/users/{admin.id}/second-factor")
    assert (own.status_code, own.json()["code"]) == (409, "own_rights")
    assert world.south.admin.delete(f"/users/{extra.id}/second-factor").status_code == 404
    assert extra.get("/auth/me").status_code == 200


def test_the_platform_helps_an_admin_whom_nobody_else_can(world: World) -> None:
    group = world.group("lost", ("sales",))
    path = f"/tenants/{group.id}/remove-second-factor"
    # Other people of a group are not the platform's affair, and are not told apart from nobody.
    refused = [
        world.platform.post(path, {"email": email})
        for email in (group.people["sales"].email, "nobody@example.com", world.north.admin.email)
    ]
    assert {(one.status_code, one.text) for one in refused} == {(422, refused[0].text)}
    assert world.platform.post(path, {"email": group.admin.email.upper()}).status_code == 204
    assert eventually(lambda: group.admin.get("/auth/me").status_code == 401)
    enrol_anew(group.admin)
    mine = group.admin.get("/audit?action=user.second_factor_removed").json()["items"]
    assert [(entry["actor"], entry["object_id"]) for entry in mine] == [(world.platform.id, group.admin.id)]
    theirs = world.platform.get(f"/audit?object_id={group.id}&action=tenant.second_factor_removed").json()["items"]
    assert [entry["actor"] for entry in theirs] == [world.platform.id]


@pytest.fixture
def rekeyed() -> Iterator[tuple[World, Server]]:
    """A server on the same database as another, with another SECRET_KEY."""
    first = Server({"WORKERS": "1", "SECRET_KEY": "a" * 40}).start()
    second: Server | None = None
    try:
        world = World(first, small=True)
        assert first.stop() == 0
        second = Server({"WORKERS": "1", "SECRET_KEY": "b" * 40}, folder=first.folder).start()
        yield world, second
    finally:
        if second is not None:
            second.close()
        first.close()


def test_under_another_secret_key_recovery_codes_still_work(rekeyed: tuple[World, Server]) -> None:
    world, server = rekeyed
    for person in (world.platform, world.north.admin, world.north.people["sales"]):
        person.server = server
        person.client = httpx.Client(base_url=server.url, timeout=patient.PATIENCE)
    sales, admin = world.north.people["sales"], world.north.admin
    # A token that was signed before goes on counting, and new ones are signed with a key of this server's own.
    assert sales.get("/auth/me").status_code == 200
    assert world.platform.sign_in().get("/auth/me").status_code == 200
    for code in (None, pyotp.TOTP(sales.secret).at(int(time.time()) + 30)):
        refused = patient.post(server.url + "/api/v1/auth/sign-in", json=sales.sign_in_body(code=code))
        assert (refused.status_code, refused.json()["code"]) == (401, "second_factor_unreadable")
    assert "second_factor_sealed_otherwise" in server.errors()
    assert attempt_with(sales, sales.codes[0]).status_code == 200
    assert admin.delete(f"/users/{sales.id}/second-factor").status_code == 204
    enrol_anew(sales)
