"""A real server for tests: `python -m backend serve` in a process of its own, with its own PostgreSQL."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

TOP = Path(__file__).resolve().parents[2]
START_SECONDS = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def public_folder() -> Path:
    """A fresh folder that PostgreSQL's system user can reach too."""
    folder = Path(tempfile.mkdtemp(prefix="autolytiq-test-"))
    folder.chmod(0o755)
    return folder


class Server:
    """One server process; `start` returns when it answers."""

    def __init__(self, env: dict[str, str], *, folder: Path | None = None) -> None:
        self.own = folder is None
        self.folder = folder or public_folder()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = {
            **{name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "DATABASE_OWNER_URL")},
            "PORT": str(self.port),
            "AUTOLYTIQ_DATA": str(self.folder / "data"),
            "AUTOLYTIQ_DIST": str(self.folder / "dist"),
            "DEMO": "0",
            "LOG_LEVEL": "warning",
            **env,
        }
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> "Server":
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
            try:
                if httpx.get(self.url + "/health", timeout=2).status_code == 200:
                    return self
            except httpx.HTTPError:
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
        code = self.process.wait(40)
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
            shutil.rmtree(self.folder, ignore_errors=True)
