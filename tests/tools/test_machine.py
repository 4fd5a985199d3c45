"""What build.py takes from the machine: packages of its system, and a browser that starts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tools import chromium, engine, system
from tools.paths import ROOT
from tools.say import CannotGoOn


def program(path: Path, script: str) -> Path:
    """An executable of the test's own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any browser, whose root we are: the folder of its programs."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.delenv(chromium.VARIABLE, raising=False)
    monkeypatch.setattr(chromium, "VENV_BIN", tmp_path / "venv")
    monkeypatch.setattr(chromium, "VENV_PYTHON", tmp_path / "venv" / "python")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    program(tmp_path / "venv" / "python", f"echo '{tmp_path / 'own' / 'chrome'}'")
    program(tmp_path / "venv" / "playwright", "exit 1")
    return programs


def apt_that_brings_chromium(programs: Path) -> None:
    """Like Debian's: `install` puts the program on the search path."""
    there = programs / "chromium"
    body = f"printf '#!/bin/sh\\necho Chromium 156\\n' > '{there}'; /bin/chmod 755 '{there}'"
    program(programs / "apt-get", f'case "$*" in *install*chromium*) {body};; esac')


def test_an_installed_chromium_comes_first(bare: Path) -> None:
    there = program(bare / "google-chrome", "echo Chrome 1")
    chromium.ensure()
    assert os.environ[chromium.VARIABLE] == str(there)


def test_a_name_that_does_not_start_is_no_browser(bare: Path) -> None:
    program(bare / "chromium-browser", "echo please install the snap; exit 1")
    assert chromium.installed() is None


def test_without_playwrights_download_debians_is_installed(bare: Path) -> None:
    apt_that_brings_chromium(bare)
    chromium.ensure()
    assert os.environ[chromium.VARIABLE] == str(bare / "chromium")


def test_playwrights_own_is_used_when_it_starts(bare: Path, tmp_path: Path) -> None:
    program(tmp_path / "own" / "chrome", "echo Chrome 1")
    chromium.ensure()
    assert os.environ[chromium.VARIABLE] == ""


def downloads_chrome(tmp_path: Path, *, helped_by_libraries: bool) -> None:
    """A Playwright whose browser lacks the system's libraries, and that can or cannot install them."""
    chrome = tmp_path / "own" / "chrome"
    program(chrome, f"test -e '{tmp_path}/libraries' && echo Chrome 1")
    chrome.rename(tmp_path / "packed")
    chrome.parent.rmdir()
    fetch = f"/bin/mkdir -p '{chrome.parent}'; /bin/cp -p '{tmp_path}/packed' '{chrome}'"
    libraries = f"echo > '{tmp_path}/libraries'" if helped_by_libraries else "exit 1"
    program(tmp_path / "venv" / "playwright", f'case "$1" in install) {fetch};; install-deps) {libraries};; esac')


def test_the_libraries_of_playwrights_own_are_installed(bare: Path, tmp_path: Path) -> None:
    program(bare / "apt-get", "exit 0")
    downloads_chrome(tmp_path, helped_by_libraries=True)
    chromium.ensure()
    assert os.environ[chromium.VARIABLE] == ""
    assert (tmp_path / "libraries").exists()


def test_a_download_that_does_not_start_gives_way_to_debians(bare: Path, tmp_path: Path) -> None:
    apt_that_brings_chromium(bare)
    downloads_chrome(tmp_path, helped_by_libraries=False)
    chromium.ensure()
    assert os.environ[chromium.VARIABLE] == str(bare / "chromium")


def test_without_root_one_sentence_names_the_package(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    program(bare / "apt-get", "exit 0")
    with pytest.raises(CannotGoOn, match=r"^please install these packages of your system first: chromium$"):
        chromium.ensure()


def test_a_source_of_packages_that_does_not_answer_may_not_be_needed(bare: Path) -> None:
    program(bare / "apt-get", 'case "$1" in update) exit 100;; esac')
    system.install(["gcc"])


def test_what_apt_could_not_install_is_named(bare: Path) -> None:
    program(bare / "apt-get", "echo no such package; exit 100")
    with pytest.raises(CannotGoOn, match=r"^please install these packages of your system first: gcc libc6-dev; "):
        system.install(["gcc", "libc6-dev"])


def test_a_folder_with_spaces_in_its_name_can_be_built_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "ROOT", tmp_path / "a user's clone")
    monkeypatch.setenv("CARGO_HOME", str(tmp_path / "my tools"))
    assert engine.without_paths().split("\x1f") == [
        f"--remap-path-prefix={tmp_path}/my tools=/cargo",
        f"--remap-path-prefix={tmp_path}/a user's clone=/src",
    ]


SLEEPER = """
import sys, time
from tools import cli, serve, setup

def work():
    print("at work", flush=True)
    time.sleep(60)

setup.with_site = serve.setup.with_site = work
sys.exit(cli.main(["serve"]))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_told_to_stop_while_it_builds_ends_well_also_in_the_background_of_a_shell(number: signal.Signals) -> None:
    # A shell without job control starts what it puts in the background deaf to SIGINT.
    words = ["sh", "-c", 'trap "" INT; exec "$0" -c "$1"', sys.executable, SLEEPER]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "at work\n"
        child.send_signal(number)
        assert child.wait(20) == 0
