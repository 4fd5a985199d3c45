"""`serve`: PostgreSQL if we run it ourselves, then granian with its workers, and a clean end to all of it.

SIGTERM and SIGINT let requests in flight finish, then stop the workers, then PostgreSQL. After a `kill -9` of this
process the kernel ends the workers and tells PostgreSQL to shut down, and the next start works.
"""

import errno
import gc
import importlib
import os
import signal
import socket
import sys
import threading
import time
from typing import Any

import structlog
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server.mp import MPServer

from backend import logs
from backend.cli import reach
from backend.db.migrate import migrate, role_fault
from backend.embedded import APP, OWNER, EmbeddedError, EmbeddedPostgres
from backend.lifetime import end_with_parent, hold_signals, take_signals
from backend.scratch import run_folder
from backend.settings import Settings, SettingsError, read_settings

log = structlog.get_logger("serve")
PORT_WAIT_SECONDS = 10.0
DRAIN_SECONDS = 20
BACKPRESSURE = 512


class _Server(MPServer):
    """granian, but a second signal while the first is being handled does no harm."""

    def signal_handler_interrupt(self, *_: object, **__: object) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        self.interrupt_signal = True
        # The main thread may hold the event's lock just now, so another thread sets it.
        threading.Thread(target=self.main_loop_interrupt.set).start()

    def _spawn_workers(self, spawn_target: Any, target_loader: Any) -> None:
        """Start the workers with their signals held from their first moment on."""
        hold_signals()
        try:
            super()._spawn_workers(spawn_target, target_loader)  # pyright: ignore[reportUnknownMemberType]
        finally:
            take_signals()

    def _stop_workers(self) -> None:
        """Wait for the workers themselves: granian takes one that is just ending for one that refuses to."""
        for worker in self.wrks:
            worker.terminate()
        until = time.monotonic() + DRAIN_SECONDS
        for worker in self.wrks:
            while worker.is_alive() and time.monotonic() < until:
                time.sleep(0.02)
            if worker.is_alive():
                log.warning("worker_killed", after_seconds=DRAIN_SECONDS)
                worker.kill()
        super()._stop_workers()


def serve(settings: Settings) -> int:
    """Run until told to stop; the address is the last line on standard output."""
    logs.configure(settings.log_level)
    _wait_for_port(settings.host, settings.port)
    with run_folder() as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
        return _serve(settings)


def _serve(settings: Settings) -> int:
    embedded: EmbeddedPostgres | None = None
    # A signal while PostgreSQL starts must still stop it: it becomes an ordinary exit until granian takes over.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    try:
        if settings.embedded:
            embedded = EmbeddedPostgres(settings.data)
            print(f"Starting PostgreSQL in {settings.data}", flush=True)
            embedded.start()
            migrate(embedded.url(OWNER), embedded.url(APP))
            if settings.demo:
                # Loaded only now, when it is known where metrics go.
                demo = importlib.import_module("backend.demo.make")
                for line in demo.make(embedded.url(APP)):
                    print(line, flush=True)
            os.environ["DATABASE_URL"] = embedded.url(APP)
            os.environ["SECRET_KEY"] = settings.secret_key or embedded.secret()
        elif settings.database_url is not None:
            # A database that is not there yet may come; a wrong password or name stays wrong.
            fault = reach.fault("DATABASE_URL", settings.database_url, settings_only=True)
            fault = fault or role_fault(settings.database_url)
            if fault is not None:
                print(fault, file=sys.stderr)
                return 1
        # The workers have no use for the owner's rights.
        os.environ.pop("DATABASE_OWNER_URL", None)
        os.environ["AUTOLYTIQ_PARENT"] = str(os.getpid())
        # Imported before the workers fork: they share the memory, and no lock of the import system is held meanwhile.
        importlib.import_module("backend.app")
        # What is loaded now lives as long as the workers: none of them need look through it for garbage, which would
        # take a tenth of a second each time and unshare the memory.
        gc.collect()
        gc.freeze()
        if embedded is not None:
            embedded.keep_running()
        # From its first moment a worker goes with this process, also should it never come to follow_parent().
        os.register_at_fork(after_in_child=end_with_parent)
        server = _Server(
            "backend.app:worker",
            address=settings.host,
            port=settings.port,
            interface=Interfaces.ASGI,
            workers=settings.workers,
            factory=True,
            http=HTTPModes.auto,
            websockets=False,
            backpressure=BACKPRESSURE,
            respawn_failed_workers=True,
            workers_kill_timeout=DRAIN_SECONDS,
            log_level=LogLevels.warning,
            # Its messages go where ours go, as lines of the same kind.
            log_dictconfig={"handlers": {}, "loggers": {"_granian": {"propagate": True}}},
        )
        server.serve()
    except EmbeddedError as error:
        print(str(error), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        if embedded is not None:
            embedded.stop()
    return 0


def main() -> int:
    """Read the environment and serve; mistakes are told one sentence each."""
    try:
        settings = read_settings()
    except SettingsError as error:
        print(str(error), file=sys.stderr)
        return 2
    try:
        return serve(settings)
    except PortTakenError as error:
        print(str(error), file=sys.stderr)
        return 1


class PortTakenError(Exception):
    """Somebody else listens where we should."""


def _leave(number: int, frame: object) -> None:
    del number, frame
    raise KeyboardInterrupt


def _wait_for_port(host: str, port: int) -> None:
    """After a kill the old workers need a moment to go; anybody else is told apart by staying."""
    until = time.monotonic() + PORT_WAIT_SECONDS
    waiting = False
    while True:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
                return
            except OSError as error:
                if error.errno != errno.EADDRINUSE or time.monotonic() > until:
                    raise PortTakenError(
                        f"{host}:{port} cannot be used: {error.strerror}; choose another PORT (build.py serve --port)."
                    ) from None
                if not waiting:
                    print(f"{host}:{port} is in use; waiting {PORT_WAIT_SECONDS:.0f} s for it", flush=True)
                waiting = True
        time.sleep(0.2)
