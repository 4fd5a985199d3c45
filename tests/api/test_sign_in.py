"""Signing in: passwords, second factor, lock-out, refresh tokens, sessions and devices, keys."""

import threading
import time
import uuid

import httpx
import pyotp
import pytest

from tests.api import patient
from tests.api.world import PASSWORD, Person, World, eventually


@pytest.fixture
def extra(world: World) -> Person:
    """A salesperson of their own for each test, so that locks and sign-outs disturb nobody."""
    return world.north.add(world, "s" + uuid.uuid4().hex[:10], "sales", [world.north.rooftops[0]])


def attempt(world: World, **body: object) -> httpx.Response:
    return patient.post(world.server.url + "/api/v1/auth/sign-in", json=body)


def same(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.text


def test_unknown_group_person_and_wrong_password_get_one_answer(world: World) -> None:
    person = world.north.people["manager"]
    good = person.sign_in_body()
    answers = [
        attempt(world, **{**good, "dealer_group": "nobody-here"}),
        attempt(world, **{**good, "email": "nobody@north.example.com"}),
        attempt(world, **{**good, "dealer_group": "south"}),
        attempt(world, **{**good, "password": "another password"}),
    ]
    assert {same(answer) for answer in answers} == {same(answers[0])}
    assert answers[0].status_code == 401
    assert answers[0].json()["code"] == "sign_in_failed"


def test_a_second_factor_is_asked_and_a_code_works_once(extra: Person, world: World) -> None:
    without = attempt(world, **extra.sign_in_body())
    assert (without.status_code, without.json()["code"]) == (401, "second_factor_required")
    wrong = attempt(world, **extra.sign_in_body(code="000000"))
    assert wrong.status_code == 401
    # The code of the next step is within the drift that is allowed; its own enrolment used the present one.
    code = pyotp.TOTP(extra.secret).at(int(time.time()) + 30)
    assert attempt(world, **extra.sign_in_body(code=code)).status_code == 200
    assert attempt(world, **extra.sign_in_body(code=code)).status_code == 401


def test_recovery_codes_work_once_and_are_replaced(extra: Person, world: World) -> None:
    assert len(extra.codes) == 10
    assert attempt(world, **extra.sign_in_body(code=extra.codes[0])).status_code == 200
    assert attempt(world, **extra.sign_in_body(code=extra.codes[0])).status_code == 401
    refused = extra.post("/auth/recovery-codes", {"password": "not mine at all"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "password")
    replaced = extra.post("/auth/recovery-codes", {"password": PASSWORD})
    assert attempt(world, **extra.sign_in_body(code=extra.codes[1])).status_code == 401
    assert attempt(world, **extra.sign_in_body(code=replaced.json()["recovery_codes"][0])).status_code == 200


def test_wrong_passwords_lock_even_the_right_one_for_a_while(extra: Person, world: World) -> None:
    for _ in range(5):
        assert attempt(world, **extra.sign_in_body(password="not the password")).status_code == 401
    locked = attempt(world, **extra.sign_in_body(code=extra.codes[0]))
    assert (locked.status_code, locked.json()["code"]) == (401, "sign_in_failed")
    rows = world.sql(
        f"SELECT failures, locked_until > now() + interval '20 seconds' FROM users WHERE id = '{extra.id}'"
    )
    assert rows == [["5", "t"]]
    # One more failure after the lock has passed locks twice as long.
    world.sql(f"UPDATE users SET locked_until = now() WHERE id = '{extra.id}'")
    assert attempt(world, **extra.sign_in_body(password="not the password")).status_code == 401
    later = world.sql(f"SELECT locked_until > now() + interval '50 seconds' FROM users WHERE id = '{extra.id}'")
    assert later == [["t"]]
    world.sql(f"UPDATE users SET locked_until = now() WHERE id = '{extra.id}'")
    assert attempt(world, **extra.sign_in_body(code=extra.codes[0])).status_code == 200
    assert world.sql(f"SELECT failures FROM users WHERE id = '{extra.id}'") == [["0"]]


@pytest.mark.parametrize(
    ("password", "code"),
    [("short1!", "length"), ("password1234", "too_weak"), ("north north north", "too_weak"), ("x" * 300, "length")],
)
def test_short_and_guessable_passwords_are_refused(world: World, password: str, code: str) -> None:
    email = f"w{uuid.uuid4().hex[:8]}@north.example.com"
    invited = world.north.admin.post("/invitations", {"email": email, "name": "North North", "role": "sales"})
    body = {"token": invited.json()["token"], "password": password}
    refused = patient.post(world.server.url + "/api/v1/auth/accept", json=body)
    assert refused.status_code == 422
    assert refused.json()["errors"][0] | {"message": ""} == {"field": "password", "code": code, "message": ""}


def test_an_invitation_works_once_and_can_be_withdrawn(world: World) -> None:
    url = world.server.url + "/api/v1/auth/accept"
    email = f"i{uuid.uuid4().hex[:8]}@north.example.com"
    first = world.north.admin.post("/invitations", {"email": email, "name": "Ina", "role": "sales"}).json()
    second = world.north.admin.post("/invitations", {"email": email, "name": "Ina", "role": "sales"}).json()
    assert patient.post(url, json={"token": first["token"], "password": PASSWORD}).status_code == 401
    assert world.north.admin.delete(f"/invitations/{second['id']}").status_code == 204
    assert patient.post(url, json={"token": second["token"], "password": PASSWORD}).status_code == 401
    third = world.north.admin.post("/invitations", {"email": email, "name": "Ina", "role": "sales"}).json()
    assert patient.post(url, json={"token": third["token"], "password": PASSWORD}).status_code == 200
    assert patient.post(url, json={"token": third["token"], "password": PASSWORD}).status_code == 401
    taken = world.north.admin.post("/invitations", {"email": email, "name": "Ina", "role": "sales"})
    assert (taken.status_code, taken.json()["code"]) == (409, "email_taken")


def test_a_reset_gives_a_new_password_and_ends_all_sessions(extra: Person, world: World) -> None:
    made = world.north.admin.post(f"/users/{extra.id}/reset").json()
    url = world.server.url + "/api/v1/auth/accept"
    assert patient.post(url, json={"token": made["token"], "password": "nine brave newts sing"}).status_code == 200
    assert eventually(lambda: extra.get("/auth/me").status_code == 401)
    assert attempt(world, **extra.sign_in_body(code=extra.codes[0])).status_code == 401
    extra.password = "nine brave newts sing"
    assert attempt(world, **extra.sign_in_body(code=extra.codes[1])).status_code == 200


def test_refresh_rotates_and_a_stolen_token_ends_the_session(extra: Person, world: World) -> None:
    old = extra.client.cookies["autolytiq_refresh"]
    assert extra.client.post("/api/v1/auth/refresh").status_code == 200
    new = extra.client.cookies["autolytiq_refresh"]
    assert new != old
    # Long after the exchange somebody sends the old one.
    world.sql("UPDATE refresh_tokens SET used_at = now() - interval '1 minute' WHERE used_at IS NOT NULL")
    thief = patient.post(world.server.url + "/api/v1/auth/refresh", cookies={"autolytiq_refresh": old})
    assert (thief.status_code, thief.json()["code"]) == (401, "signed_out")
    assert extra.client.post("/api/v1/auth/refresh").status_code == 401
    assert eventually(lambda: extra.get("/auth/me").status_code == 401)


def test_two_tabs_refreshing_at_once_stay_signed_in(extra: Person, world: World) -> None:
    cookie = extra.client.cookies["autolytiq_refresh"]
    answers: list[httpx.Response] = []

    def tab() -> None:
        answers.append(patient.post(world.server.url + "/api/v1/auth/refresh", cookies={"autolytiq_refresh": cookie}))

    tabs = [threading.Thread(target=tab) for _ in range(6)]
    for one in tabs:
        one.start()
    for one in tabs:
        one.join()
    assert [answer.status_code for answer in answers] == [200] * 6
    for answer in answers:
        again = {"autolytiq_refresh": answer.cookies["autolytiq_refresh"]}
        assert patient.post(world.server.url + "/api/v1/auth/refresh", cookies=again).status_code == 200


def test_the_cookie_is_for_our_page_only(extra: Person, world: World) -> None:
    answer = extra.client.post("/api/v1/auth/refresh")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Path=/api/v1/auth" in cookie
    foreign = extra.client.post("/api/v1/auth/refresh", headers={"origin": "https://evil.example"})
    assert foreign.status_code == 403
    own = extra.client.post("/api/v1/auth/refresh", headers={"origin": world.server.url})
    assert own.status_code == 200


def test_sessions_and_devices_are_listed_and_revocable(extra: Person, world: World) -> None:
    other = attempt(world, **extra.sign_in_body(code=extra.codes[0], device={"id": str(uuid.uuid4()), "name": "Phone"}))
    sessions = extra.get("/auth/sessions").json()
    assert sorted(one["current"] for one in sessions) == [False, True]
    gone = next(one["id"] for one in sessions if not one["current"])
    assert extra.delete(f"/auth/sessions/{gone}").status_code == 204
    assert extra.delete(f"/auth/sessions/{gone}").status_code == 404
    bearer = {"authorization": "Bearer " + other.json()["access_token"]}
    assert eventually(lambda: patient.get(world.server.url + "/api/v1/auth/me", headers=bearer).status_code == 401)
    assert {device["name"] for device in extra.get("/auth/devices").json()} == {"Phone", "Desk in the tower"}


def test_a_device_told_to_wipe_hears_it_at_its_next_refresh(extra: Person, world: World) -> None:
    device = extra.device["id"]
    assert world.north.admin.post(f"/users/{extra.id}/devices/{device}/wipe").status_code == 204
    answer = extra.client.post("/api/v1/auth/refresh")
    assert (answer.status_code, answer.json()["code"]) == (401, "wipe")
    assert world.south.admin.post(f"/users/{extra.id}/devices/{device}/wipe").status_code == 404


def test_signing_out_ends_the_session_and_clears_the_cookie(extra: Person) -> None:
    assert extra.client.post("/api/v1/auth/sign-out").status_code == 204
    assert "autolytiq_refresh" not in extra.client.cookies
    assert eventually(lambda: extra.get("/auth/me").status_code == 401)


def test_changing_the_password_ends_the_other_sessions(extra: Person, world: World) -> None:
    other = attempt(world, **extra.sign_in_body(code=extra.codes[0])).json()
    changed = extra.post("/auth/password", {"password": PASSWORD, "new_password": "four cold mules hum"})
    assert changed.status_code == 204
    assert extra.get("/auth/me").status_code == 200
    bearer = {"authorization": "Bearer " + other["access_token"]}
    assert eventually(lambda: patient.get(world.server.url + "/api/v1/auth/me", headers=bearer).status_code == 401)


def test_a_new_signing_key_signs_nobody_out(world: World) -> None:
    person = world.north.people["sales"]
    before = person.token
    world.cli("admin", "rotate-keys")
    assert person.get("/auth/me").status_code == 200
    assert person.token == before
    assert person.client.post("/api/v1/auth/refresh").status_code == 200


@pytest.mark.parametrize("token", ["nonsense", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "x" * 5000])
def test_bad_tokens_get_401(world: World, token: str) -> None:
    answer = patient.get(world.server.url + "/api/v1/auth/me", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_disabled_user_and_a_suspended_group_are_out_at_once(world: World) -> None:
    person = world.south.add(world, "d" + uuid.uuid4().hex[:8], "sales", [])
    user = world.south.admin.get(f"/users/{person.id}").json()
    disabled = world.south.admin.patch(f"/users/{person.id}", {"status": "disabled"}, user["rev"])
    assert disabled.json()["status"] == "disabled"
    assert eventually(lambda: person.get("/auth/me").status_code == 401)
    assert attempt(world, **person.sign_in_body(code=person.codes[0])).status_code == 401
    assert world.platform.post(f"/tenants/{world.south.id}/suspend").json()["status"] == "suspended"
    assert eventually(lambda: world.south.admin.get("/auth/me").status_code == 401)
    assert world.platform.post(f"/tenants/{world.south.id}/suspend").status_code == 409
    assert world.platform.post(f"/tenants/{world.south.id}/resume").json()["status"] == "active"
    assert eventually(lambda: world.south.admin.get("/auth/me").status_code == 200)


def test_a_platform_password_is_never_a_default(world: World) -> None:
    told = world.cli("admin", "create", "--email", "second@example.com", "--name", "Second")
    assert "Password, shown this once: " in told
    weak = world.cli(
        "admin", "create", "--email", "w@example.com", "--name", "W", "--password-stdin", given="admin", code=1
    )
    assert "password" in weak
