"""What the build promises: the same source gives the same bytes, a set names what is there, steps run when needed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import brotli
import pytest

from tools import browser_python, cache, check, dist, proc, python_env, site
from tools.paths import PYAPP, ROOT, SITE
from tools.say import CannotGoOn

FIXED_TIME = (1980, 1, 1, 0, 0, 0)


def test_pyapp_compiles_to_the_same_bytes_again(tmp_path: Path) -> None:
    again = tmp_path / "pyapp.zip"
    command = ["node", ROOT / "tools" / "compile_pyapp.mjs", browser_python.PYODIDE, PYAPP, again]
    subprocess.run(command, check=True, capture_output=True)
    once_more = tmp_path / "twice.zip"
    subprocess.run([*command[:-1], once_more], check=True, capture_output=True)
    assert again.read_bytes() == once_more.read_bytes()
    with zipfile.ZipFile(again) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {FIXED_TIME}
        assert {Path(entry.filename).suffix for entry in archive.infolist()} == {".pyc"}


def test_the_set_names_every_file_as_it_is() -> None:
    described = json.loads((SITE / "set.json").read_text())
    assert described == site.describe(SITE)
    there = {"/" + path.relative_to(SITE).as_posix() for path in SITE.rglob("*") if path.is_file()}
    named = {file["url"] for file in described["files"]}
    assert {url for url in there if not url.endswith(".br")} == named | {"/set.json"}


def test_every_file_has_its_compressed_twin() -> None:
    for path in SITE.rglob("*"):
        if path.is_file() and path.suffix != ".br" and path.stat().st_size < 1_000_000:
            assert brotli.decompress(path.with_name(path.name + ".br").read_bytes()) == path.read_bytes()


def test_the_browser_loads_only_what_the_lock_names() -> None:
    lock = json.loads((SITE / "pyodide" / "pyodide-lock.json").read_text())
    files = {package["file_name"]: package["sha256"] for package in lock["packages"].values()}
    shipped = {path.name: cache.hash_file(path) for path in (SITE / "pyodide").glob("*.whl")}
    assert files == shipped


def test_the_compiled_parts_of_wheels_lie_where_the_worker_looks() -> None:
    places = (ROOT / "web" / "src" / "worker" / "places.ts").read_text()
    named = re.findall(r'"([\w./-]+\.so)"', places)
    parts: dict[str, bytes] = {}
    for wheel in (SITE / "pyodide").glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            parts |= {name: archive.read(name) for name in archive.namelist() if name.endswith(".so")}
    assert sorted(parts) == sorted(named)
    for name, content in parts.items():
        assert (SITE / "pyodide" / name).read_bytes() == content


def test_another_file_is_another_set(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("1")
    before = site.describe(tmp_path)["id"]
    (tmp_path / "a.js").write_text("2")
    changed = site.describe(tmp_path)["id"]
    (tmp_path / "a.js").rename(tmp_path / "b.js")
    assert len({before, changed, site.describe(tmp_path)["id"]}) == 3


def test_a_step_runs_when_its_inputs_or_outputs_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "STAMPS", tmp_path / "stamps")
    source, made = tmp_path / "source", tmp_path / "made"
    source.write_text("1")

    def work() -> None:
        made.write_text(source.read_text())

    def ran(*settings: str) -> bool:
        return cache.cached("step", [source], [made], work, settings)

    assert ran()
    assert not ran()
    source.write_text("2")
    assert ran()
    assert not ran()
    made.unlink()
    assert ran()
    assert ran("another version")


def test_a_step_that_fails_runs_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "STAMPS", tmp_path / "stamps")

    def breaks() -> None:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        cache.cached("step", [], [], breaks)
    assert cache.cached("step", [], [], lambda: None)


def test_a_registry_address_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "ROOT", tmp_path)
    bad = tmp_path / "notes.txt"
    # Put together here, so that this file does not name one.
    bad.write_text("see https://" + "pypi." + "org/simple\n")
    assert check.registry_addresses([bad]) == ["notes.txt:1 names a registry's address"]


def test_no_tracked_file_names_a_registry() -> None:
    if (ROOT / ".git").exists():
        check.no_registry_addresses()


@pytest.mark.parametrize("command", [[], ["nonsense"], ["contract"], ["serve", "--port", "many"]])
def test_a_wrong_command_is_told(command: list[str]) -> None:
    done = subprocess.run(
        ["python3", "build.py", *command], cwd=ROOT, capture_output=True, text=True, env=os.environ, check=False
    )
    assert done.returncode == 2
    assert "usage" in done.stderr


def test_the_distribution_takes_what_only_older_patch_releases_need() -> None:
    """It may be made with one 3.11 and started with another, without network."""
    lock = (python_env.REQUIREMENTS / "app.lock").read_text()
    assert "async-timeout==5.0.1 ; python_full_version < '3.11.3'" in lock
    whole = dist.for_every_patch_release(lock)
    assert "python_full_version" not in whole
    assert "async-timeout==5.0.1 \\" in whole
    assert whole.count("--hash=sha256:") == lock.count("--hash=sha256:")
    names = [line.partition("==")[0] for line in whole.splitlines() if "==" in line and not line.startswith("#")]
    assert len(names) == len(set(names))


def test_a_distribution_that_fails_leaves_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dist, "ROOT", tmp_path)
    monkeypatch.setattr(dist, "DIST", tmp_path / "dist")
    monkeypatch.setattr(dist, "SOURCES", ())
    before = tmp_path / "dist" / "autolytiq" / "start.py"
    before.parent.mkdir(parents=True)
    before.write_text("the one before")

    def no_network(wheels: Path) -> None:
        raise CannotGoOn(f"nothing was brought to {wheels}")

    monkeypatch.setattr(dist, "_download", no_network)
    with pytest.raises(CannotGoOn):
        dist.build()
    assert before.read_text() == "the one before"


def test_the_distribution_says_which_python_it_is_for(tmp_path: Path) -> None:
    start = tmp_path / "start.py"
    start.write_bytes((ROOT / "tools" / "dist_start.py").read_bytes())
    (tmp_path / "build.json").write_text('{"python": "3.10"}')
    done = subprocess.run([sys.executable, start], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("start.py: this folder was made for Python 3.10; start it with python3.10, not 3.")


def test_a_program_that_is_not_there_is_named() -> None:
    for way in (proc.run, proc.output):
        with pytest.raises(CannotGoOn, match="the program 'no-such-program' is not there"):
            way(["no-such-program"])


def test_the_distribution_brings_the_operators_pages() -> None:
    assert {"docs/operations.md", "docs/scale_out.md"} <= set(dist.TEXTS)
    assert all((ROOT / name).is_file() for name in dist.TEXTS)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Dockerfile", "FROM debian\nRUN cd /x && ls\n"),
        ("compose.yaml", "a:  1\n"),
        ("entry.sh", "#!/bin/sh\necho $1\n"),
    ],
)
def test_faults_in_container_files_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    (tmp_path / ".ci").mkdir()
    (tmp_path / ".ci" / "run").write_text("#!/bin/sh\nexec true\n")
    (tmp_path / "deploy").mkdir()
    good = {"Dockerfile": "FROM debian:12\n", "compose.yaml": "---\na: 1\n", "entry.sh": "#!/bin/sh\nexec true\n"}
    for file, content in good.items():
        (tmp_path / "deploy" / file).write_text(content)
    monkeypatch.setattr(check, "ROOT", tmp_path)
    check.container_files()
    (tmp_path / "deploy" / name).write_text(text)
    with pytest.raises(CannotGoOn):
        check.container_files()
