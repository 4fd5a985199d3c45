"""A real server for tests: `python -m backend serve` in a process of its own, with its own PostgreSQL."""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import httpx

TOP = Path(__file__).resolve().parents[2]
START_SECONDS = 120.0
STOP_SECONDS = 90.0
HANDED_OUT = Path("/proc/sys/net/ipv4/ip_local_port_range")
# Browsers refuse to speak to some ports below this one.
LOWEST_PORT = 10_100


def free_port() -> int:
    """A port that is free now and soon after too: none of those that the kernel gives to whoever asks for any."""
    end = int(HANDED_OUT.read_text().split()[0]) if HANDED_OUT.exists() else 0
    while True:
        port = random.SystemRandom().randrange(LOWEST_PORT, end) if end > LOWEST_PORT else 0
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])


def public_folder() -> Path:
    """A fresh folder that PostgreSQL's system user can reach too."""
    folder = Path(tempfile.mkdtemp(prefix="autolytiq-test-"))
    folder.chmod(0o755)
    return folder


def processes_of(folder: Path) -> list[str]:
    """Processes whose command names this folder."""
    found: list[str] = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit() and str(folder).encode() in (entry / "cmdline").read_bytes():
                found.append(entry.name)
    return found


class Server:
    """One server process; `start` returns when it answers."""

    def __init__(self, env: dict[str, str], *, folder: Path | None = None) -> None:
        self.own = folder is None
        self.folder = folder or public_folder()
        # What a killed server leaves behind goes with its folder.
        (self.folder / "tmp").mkdir(exist_ok=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = {
            **{name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "DATABASE_OWNER_URL")},
            "PORT": str(self.port),
            "TMPDIR": str(self.folder / "tmp"),
            "AUTOLYTIQ_DATA": str(self.folder / "data"),
            "AUTOLYTIQ_DIST": str(self.folder / "dist"),
            "DEMO": "0",
            "LOG_LEVEL": "warning",
            **env,
        }
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> "Server":
        try:
            return self._start()
        except BaseException:
            if self.process:
                self.kill()
            self.close()
            raise

    def _start(self) -> "Server":
        self.log = (self.folder / "server.log").open("a+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "backend", "serve"],
            cwd=TOP,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
            start_new_session=True,
        )
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode}: {self.errors()}")
            with suppress(httpx.HTTPError):
                if httpx.get(self.url + "/health", timeout=2).status_code == 200:
                    return self
            time.sleep(0.05)
        raise RuntimeError("the server did not answer: " + self.errors())

    def errors(self, most: int = 2000) -> str:
        self.log.flush()
        return (self.folder / "server.log").read_text()[-most:]

    def stop(self) -> int:
        """End it as an operator does; returns the exit code."""
        assert self.process
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(STOP_SECONDS)
        if self.process.stdout:
            self.process.stdout.close()
        self.log.close()
        return code

    def kill(self) -> None:
        assert self.process
        self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()
        self.log.close()

    def close(self) -> None:
        if self.process and self.process.poll() is None:
            self.stop()
        if self.own:
            # After a kill PostgreSQL ends by itself, a moment later.
            until = time.monotonic() + STOP_SECONDS
            while processes_of(self.folder) and time.monotonic() < until:
                time.sleep(0.05)
            shutil.rmtree(self.folder, ignore_errors=True)
