"""Settings from the environment, checked once at start.

Every mistake is named in one sentence, all of them together, so that one look at the output is enough to mend them.
"""

import hashlib
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

T = TypeVar("T")
TOP = Path(__file__).resolve().parent.parent

# name, what it means, default: the table in docs/operations.md is made from this.
DOCUMENTED: tuple[tuple[str, str, str], ...] = (
    ("HOST", "address to listen on", "127.0.0.1"),
    ("PORT", "port to listen on, 1 to 65535", "8000"),
    ("WORKERS", "worker processes, 1 to 64", "2"),
    ("DATABASE_URL", "PostgreSQL the application connects to, with the role that owns nothing", "embedded PostgreSQL"),
    ("DATABASE_OWNER_URL", "the same database with the role that owns the tables (migrate, backup, verify)", "none"),
    ("DATABASE_POOL", "connections per worker, 1 to 100", "10"),
    ("SECRET_KEY", "at least 32 characters; encrypts second factors and signing keys at rest", "made for embedded"),
    ("AUTOLYTIQ_DATA", "folder of the embedded database and its secret", "per checkout, see `serve`"),
    ("AUTOLYTIQ_DIST", "folder of the built page", "build/dist"),
    ("ALLOWED_ORIGINS", "other origins that may call the API, separated by commas", "none"),
    ("PUBLIC_URL", "address under which people reach the server, for cookies and links", "http://HOST:PORT"),
    ("TRUSTED_PROXIES", "addresses whose X-Forwarded-For is believed, separated by commas", "none"),
    ("BODY_LIMIT_BYTES", "largest request body", "1048576"),
    ("RATE_LIMIT_USER", "requests a minute for one user", "1200"),
    ("RATE_LIMIT_TENANT", "requests a minute for one dealer group", "12000"),
    ("RATE_LIMIT_ADDRESS", "requests a minute without sign-in from one address", "300"),
    ("METRICS_TOKEN", "bearer token for /metrics; without it only this machine may read them", "none"),
    ("REDIS_URL", "Valkey or Redis that counts requests for all servers together", "each process counts its share"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "OpenTelemetry collector (OTLP over HTTP) that gets traces", "no traces"),
    ("LOG_LEVEL", "debug, info, warning or error", "info"),
    ("DEMO", "1: an empty embedded database gets the demo dealer group, 0: it stays empty", "1"),
)


class SettingsError(Exception):
    """The environment is wrong; `mistakes` holds one sentence each."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the environment says, with every default filled in."""

    host: str
    port: int
    workers: int
    database_url: str | None
    owner_url: str | None
    database_pool: int
    secret_key: str | None
    data: Path
    dist: Path
    allowed_origins: tuple[str, ...]
    public_url: str
    trusted_proxies: tuple[str, ...]
    body_limit: int
    rate_user: int
    rate_tenant: int
    rate_address: int
    metrics_token: str | None
    redis_url: str | None
    otlp_endpoint: str | None
    log_level: str
    demo: bool

    @property
    def embedded(self) -> bool:
        """Whether we run PostgreSQL ourselves."""
        return self.database_url is None

    @property
    def secure_cookies(self) -> bool:
        """Cookies are marked Secure when people come by https."""
        return self.public_url.startswith("https://")


def default_data() -> Path:
    """One folder per checkout, outside it: a clean checkout keeps its dealers, two checkouts do not share them."""
    name = hashlib.sha256(str(TOP).encode()).hexdigest()[:10]
    if os.geteuid() == 0:
        return Path("/var/lib/autolytiq") / name
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(home) / "autolytiq" / name


class _Reader:
    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = env
        self.mistakes: list[str] = []

    def text(self, name: str, default: str) -> str:
        return self.env.get(name, "").strip() or default

    def number(self, name: str, default: int, low: int, high: int) -> int:
        raw = self.text(name, str(default))
        if not re.fullmatch(r"[0-9]{1,12}", raw) or not low <= int(raw) <= high:
            self.mistakes.append(f"{name} is {raw!r}; it must be a whole number from {low} to {high}.")
            return default
        return int(raw)

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        raw = self.text(name, default).lower()
        if raw not in choices:
            self.mistakes.append(f"{name} is {raw!r}; it must be one of {', '.join(choices)}.")
            return default
        return raw

    def url(self, name: str, schemes: tuple[str, ...]) -> str | None:
        raw = self.text(name, "")
        if not raw:
            return None
        try:
            parts = urlsplit(raw)
            fine = parts.scheme in schemes and (parts.hostname or parts.query)
            _ = parts.port
        except ValueError:
            fine = False
        if not fine:
            # The value may hold a password, so it is not repeated.
            self.mistakes.append(
                f"{name} is not an address that begins with {' or '.join(s + '://' for s in schemes)}."
            )
            return None
        return raw

    def many(self, name: str, check: Callable[[str], bool], what: str) -> tuple[str, ...]:
        items = tuple(item.strip() for item in self.text(name, "").split(",") if item.strip())
        for item in items:
            if not check(item):
                self.mistakes.append(f"{name} holds {item!r}; each entry must be {what}.")
        return items


def _is_origin(text: str) -> bool:
    return re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?", text) is not None


def _is_address(text: str) -> bool:
    return re.fullmatch(r"[0-9a-fA-F.:]+", text) is not None


def read_settings(env: Mapping[str, str] | None = None) -> Settings:
    """Read and check the environment; raises `SettingsError` with every mistake found."""
    reader = _Reader(os.environ if env is None else env)
    host = reader.text("HOST", "127.0.0.1")
    port = reader.number("PORT", 8000, 1, 65535)
    database_url = reader.url("DATABASE_URL", ("postgresql", "postgres"))
    owner_url = reader.url("DATABASE_OWNER_URL", ("postgresql", "postgres"))
    secret = reader.text("SECRET_KEY", "") or None
    if database_url is not None and secret is None:
        reader.mistakes.append("SECRET_KEY is missing; with DATABASE_URL set it must be given, at least 32 characters.")
    if secret is not None and len(secret) < 32:
        reader.mistakes.append("SECRET_KEY is too short; it must have at least 32 characters.")
    if owner_url is not None and database_url is None:
        reader.mistakes.append("DATABASE_OWNER_URL is set but DATABASE_URL is not; give both or neither.")
    public_url = reader.url("PUBLIC_URL", ("http", "https")) or f"http://{host}:{port}"
    settings = Settings(
        host=host,
        port=port,
        workers=reader.number("WORKERS", 2, 1, 64),
        database_url=database_url,
        owner_url=owner_url,
        database_pool=reader.number("DATABASE_POOL", 10, 1, 100),
        secret_key=secret,
        data=Path(reader.text("AUTOLYTIQ_DATA", str(default_data()))).resolve(),
        dist=Path(reader.text("AUTOLYTIQ_DIST", str(TOP / "build" / "dist"))).resolve(),
        allowed_origins=reader.many("ALLOWED_ORIGINS", _is_origin, "an origin such as https://desk.example.com"),
        public_url=public_url.rstrip("/"),
        trusted_proxies=reader.many("TRUSTED_PROXIES", _is_address, "an IP address"),
        body_limit=reader.number("BODY_LIMIT_BYTES", 1_048_576, 1024, 1 << 30),
        rate_user=reader.number("RATE_LIMIT_USER", 1200, 1, 10_000_000),
        rate_tenant=reader.number("RATE_LIMIT_TENANT", 12_000, 1, 100_000_000),
        rate_address=reader.number("RATE_LIMIT_ADDRESS", 300, 1, 10_000_000),
        metrics_token=reader.text("METRICS_TOKEN", "") or None,
        redis_url=reader.url("REDIS_URL", ("redis", "rediss", "valkey", "valkeys")),
        otlp_endpoint=reader.url("OTEL_EXPORTER_OTLP_ENDPOINT", ("http", "https")),
        log_level=reader.choice("LOG_LEVEL", "info", ("debug", "info", "warning", "error")),
        demo=reader.choice("DEMO", "1", ("0", "1")) == "1",
    )
    if reader.mistakes:
        raise SettingsError(reader.mistakes)
    return settings
