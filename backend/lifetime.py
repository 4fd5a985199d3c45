"""The life of a worker process: signals wait while it starts; it says once where it answers, ends with its parent."""

import contextlib
import ctypes
import http.client
import os
import signal
import threading
import time
from pathlib import Path

from backend.settings import Settings

PR_SET_PDEATHSIG = 1


def follow_parent(parent: int) -> None:
    """End this worker when the process that started it is gone, and not before it says so.

    A session of its own keeps a terminal's Ctrl-C away from the worker: its parent tells it once, when to drain.
    """
    with contextlib.suppress(OSError):
        os.setsid()
    # Not SIGTERM: granian's handler can wait for ever when it is called while a worker starts, and no thread runs then.
    end_with_parent()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="follow-parent", daemon=True).start()


def hold_signals() -> None:
    """Keep signals waiting while this worker starts: granian's handler would wait for ever, and hold everything up."""
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGTERM, signal.SIGINT))


def take_signals() -> None:
    """The worker serves: what was sent meanwhile arrives now."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTERM, signal.SIGINT))


def end_with_parent() -> None:
    """Have the kernel end this process when its parent ends."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def announce(settings: Settings) -> None:
    """Print the address, once for all workers, when a request is answered there."""
    try:
        os.close(os.open(Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]) / "announced", os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return
    threading.Thread(target=_announce, args=(settings.host, settings.port), name="announce", daemon=True).start()


def _announce(host: str, port: int) -> None:
    while True:
        connection = http.client.HTTPConnection(host, port, timeout=2)
        try:
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                break
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    print(f"http://{host}:{port}", flush=True)
