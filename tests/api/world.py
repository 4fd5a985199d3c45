"""Two dealer groups with people of every role, made over HTTP, for tests to work with."""

import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pyotp

from tests.api import patient
from tests.api.server import TOP, Server

PASSWORD = "glum otter pays 9 zebras"
ROLES = ("tenant_admin", "manager", "finance", "sales", "auditor")
FRESH_SECONDS = 400.0
NOTED_SECONDS = 60.0


def eventually(check: Callable[[], bool], seconds: float = 8.0) -> bool:
    """Whether something becomes true before the time is over."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if check():
            return True
        time.sleep(0.1)
    return False


def at_rest(count: Callable[[], float]) -> float:
    """A number that is told a little late, when it has stood still for a moment."""
    last, now = None, count()
    while now != last:
        time.sleep(0.5)
        last, now = now, count()
    return now


class Person:
    """A user who is signed in, with all that they know."""

    def __init__(self, server: Server, group: str, email: str, role: str) -> None:
        self.server = server
        self.group = group
        self.email = email
        self.role = role
        self.device = {"id": str(uuid.uuid4()), "name": "Desk in the tower"}
        self.client = httpx.Client(base_url=server.url, timeout=patient.PATIENCE)
        self.codes: list[str] = []
        self.secret = ""
        self.password = PASSWORD
        self._token = ""
        self._since = 0.0
        self.id = ""
        self.tenant_id = ""
        self.session_id = ""

    def sign_in_body(self, **more: Any) -> dict[str, Any]:
        return {
            "dealer_group": self.group,
            "email": self.email,
            "password": self.password,
            "device": self.device,
            **more,
        }

    def sign_in(self) -> "Person":
        """Sign in the first time; sets the second factor up where the role needs one."""
        answer = self.client.post("/api/v1/auth/sign-in", json=self.sign_in_body())
        assert answer.status_code == 200, answer.text
        body = answer.json()
        if "enroll_ticket" in body:
            ticket = body["enroll_ticket"]
            started = self.client.post("/api/v1/auth/enroll/start", json={"enroll_ticket": ticket})
            self.secret = started.json()["secret"]
            code = pyotp.TOTP(self.secret).now()
            confirmed = self.client.post(
                "/api/v1/auth/enroll/confirm", json={"enroll_ticket": ticket, "code": code, "device": self.device}
            )
            assert confirmed.status_code == 200, confirmed.text
            self.codes = confirmed.json()["recovery_codes"]
            body = confirmed.json()["signed_in"]
        self._take(body)
        return self

    def _take(self, body: dict[str, Any]) -> None:
        self._token = body["access_token"]
        self._since = time.monotonic()
        self.id, self.tenant_id, self.session_id = body["user_id"], body["tenant_id"], body["session_id"]

    @property
    def token(self) -> str:
        if time.monotonic() - self._since > FRESH_SECONDS:
            answer = self.client.post("/api/v1/auth/refresh")
            assert answer.status_code == 200, answer.text
            self._take(answer.json())
        return self._token

    def call(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.token}", **kwargs.pop("headers", {})}
        return self.client.request(method, "/api/v1" + path, headers=headers, **kwargs)

    def get(self, path: str, **kwargs: Any) -> httpx.Response:
        return self.call("GET", path, **kwargs)

    def post(self, path: str, json: Any = None, **kwargs: Any) -> httpx.Response:
        return self.call("POST", path, json=json, **kwargs)

    def put(self, path: str, json: Any, rev: int, **kwargs: Any) -> httpx.Response:
        headers = {"if-match": f'"{rev}"', **kwargs.pop("headers", {})}
        return self.call("PUT", path, json=json, headers=headers, **kwargs)

    def patch(self, path: str, json: Any, rev: int) -> httpx.Response:
        return self.call("PATCH", path, json=json, headers={"if-match": f'"{rev}"'})

    def delete(self, path: str, **kwargs: Any) -> httpx.Response:
        return self.call("DELETE", path, **kwargs)


class Group:
    """A dealer group: its people by role, and two stores."""

    def __init__(self, world: "World", slug: str, roles: tuple[str, ...] = ROLES[1:]) -> None:
        self.slug = slug
        made = world.platform.post(
            "/tenants",
            {"slug": slug, "name": slug.title(), "admin_email": f"admin@{slug}.example.com", "admin_name": "Ada Admin"},
        )
        assert made.status_code == 201, made.text
        self.id = made.json()["tenant"]["id"]
        self.people: dict[str, Person] = {}
        self.admin = self._join(world, made.json()["invitation_token"], f"admin@{slug}.example.com", "tenant_admin")
        self.rooftops = [
            self.admin.post("/rooftops", {"code": code, "name": f"{slug} {code}", "state": "TX"}).json()["id"]
            for code in ("ONE", "TWO")
        ]
        for role in roles:
            self.add(world, role, role, [self.rooftops[0]])

    def add(self, world: "World", name: str, role: str, rooftops: list[str]) -> Person:
        email = f"{name}@{self.slug}.example.com"
        invited = self.admin.post(
            "/invitations", {"email": email, "name": name.title(), "role": role, "rooftop_ids": rooftops}
        )
        assert invited.status_code == 201, invited.text
        return self._join(world, invited.json()["token"], email, role, name)

    def _join(self, world: "World", token: str, email: str, role: str, name: str = "") -> Person:
        accepted = patient.post(
            world.server.url + "/api/v1/auth/accept", json={"token": token, "password": PASSWORD}, timeout=30
        )
        assert accepted.status_code == 200, accepted.text
        person = Person(world.server, self.slug, email, role).sign_in()
        self.people[name or role] = person
        return person


class World:
    """The server with its platform admin and two groups."""

    def __init__(self, server: Server, *, small: bool = False) -> None:
        self.server = server
        self.cli("admin", "create", "--email", "root@example.com", "--name", "Root", "--password-stdin", given=PASSWORD)
        self.platform = Person(server, "platform", "root@example.com", "platform_admin").sign_in()
        self.north = Group(self, "north", ("sales",) if small else ROLES[1:])
        if not small:
            self.south = Group(self, "south")

    def cli(self, *arguments: str, given: str = "", code: int = 0) -> str:
        """Run a command of the backend beside the server."""
        done = subprocess.run(
            [sys.executable, "-m", "backend", *arguments],
            cwd=TOP,
            env=self.server.env,
            input=given + "\n",
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def sql(self, text: str, role: str = "postgres") -> list[list[str]]:
        """Look into the database past all policies, as an operator could."""
        from backend.embedded import EmbeddedPostgres

        postgres = EmbeddedPostgres(self.server.folder / "data")
        done = subprocess.run(
            [
                *(postgres.program("psql"), "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1"),
                *("-h", str(postgres.sockets), "-U", role, "-d", "autolytiq", "-c", text),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        return [line.split("\t") for line in done.stdout.splitlines() if line]

    def noted(self, group: "Group", action: str, object_id: str) -> None:
        """Wait until a read of this thing is in the trail: workers write it a moment later, busy ones later still."""
        about = f"tenant_id = '{group.id}' AND action = '{action}' AND object_id = '{object_id}'"
        assert eventually(lambda: self.sql(f"SELECT count(*) FROM audit WHERE {about}") != [["0"]], NOTED_SECONDS)

    def group(self, slug: str, roles: tuple[str, ...] = ()) -> "Group":
        """One more dealer group."""
        return Group(self, f"{slug}-{uuid.uuid4().hex[:8]}", roles)

    def copy(self, target: str, rows: str) -> None:
        """Fill a table past all policies, fast."""
        from backend.embedded import EmbeddedPostgres

        postgres = EmbeddedPostgres(self.server.folder / "data")
        done = subprocess.run(
            [
                *(postgres.program("psql"), "-X", "-q", "-h", str(postgres.sockets), "-U", "postgres"),
                *("-d", "autolytiq", "-v", "ON_ERROR_STOP=1", "-c", "SET session_replication_role = replica"),
                *("-c", f"COPY {target} FROM STDIN"),
            ],
            input=rows,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-500:]

    def person(self, role: str) -> Person:
        return self.platform if role == "platform_admin" else self.north.people[role]
