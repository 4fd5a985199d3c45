"""The folder of a run: gone at its end, also when that was a kill, and never while the run or a worker of it lives."""

import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from backend import scratch

# A run with one worker, which tells its number and sleeps on after the run's end.
RUN = """
import os, time
from backend.scratch import run_folder
with run_folder() as folder:
    worker = os.fork()
    if worker:
        print(folder, worker, flush=True)
    time.sleep(600)
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


@contextmanager
def run() -> Iterator[tuple[subprocess.Popen[str], Path, int]]:
    """A run in a process of its own: the process, its folder, its worker."""
    with subprocess.Popen([sys.executable, "-c", RUN], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        folder, worker = process.stdout.readline().split()
        try:
            yield process, Path(folder), int(worker)
        finally:
            process.kill()
            with suppress(ProcessLookupError):
                os.kill(int(worker), signal.SIGKILL)


def end(worker: int) -> None:
    """Kill a worker, which need not be our child, and wait until it has let go of all that it held."""
    handle = os.pidfd_open(worker)
    signal.pidfd_send_signal(handle, signal.SIGKILL)
    select.select([handle], [], [])
    os.close(handle)


def test_it_goes_at_the_end(temporary: Path) -> None:
    with scratch.run_folder() as folder:
        (folder / "counter.db").write_bytes(b"1")
        assert folder.parent == temporary
    assert list(temporary.iterdir()) == []


def test_a_killed_runs_folder_goes_when_the_next_starts_but_not_before_its_workers(temporary: Path) -> None:
    with run() as (process, folder, worker):
        with scratch.run_folder():
            assert folder.exists(), "its run is alive"
        process.kill()
        process.wait()
        with scratch.run_folder():
            assert folder.exists(), "its worker is alive"
        end(worker)
        with scratch.run_folder() as next_one:
            assert list(temporary.iterdir()) == [next_one]


def test_what_only_looks_like_one_is_left_alone(temporary: Path) -> None:
    (temporary / "elsewhere").mkdir()
    (temporary / "elsewhere" / scratch.HELD).write_bytes(b"")
    (temporary / f"{scratch.PREFIX}link").symlink_to(temporary / "elsewhere")
    (temporary / f"{scratch.PREFIX}new").mkdir()
    with scratch.run_folder():
        pass
    assert {path.name for path in temporary.rglob("*")} == {
        *("elsewhere", scratch.HELD, f"{scratch.PREFIX}link", f"{scratch.PREFIX}new")
    }
