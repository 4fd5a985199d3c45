"""`dist`: one folder that runs on another machine of the same kind without network."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from pathlib import Path

from tools import engine, python_env
from tools.paths import ROOT, SITE, VENV_PYTHON
from tools.proc import first_line, output, run
from tools.say import say, step

DIST = ROOT / "dist"
SOURCES = ("pyapp", "backend")
TEXTS = (
    *("README.md", "CHANGELOG.md", "docs/operations.md", "docs/scale_out.md"),
    *("requirements/browser.lock", "package-lock.json", "tax_engine_rs/crates.txt"),
)
OLDER_PYTHON = re.compile(r" ; python_full_version < '[0-9.]+'")


def build() -> Path:
    """Put the folder together from the built site and return it; the one of before stands until this is whole."""
    whole = DIST / "autolytiq"
    folder = DIST / "autolytiq.new"
    with step(f"distribution {whole.relative_to(ROOT)}"):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        shutil.copytree(SITE, folder / "site")
        unwanted = shutil.ignore_patterns("__pycache__", "*.pyc")
        for name in SOURCES:
            shutil.copytree(ROOT / name, folder / name, ignore=unwanted)
        (folder / "engine").mkdir()
        shutil.copy2(engine.native_wheel(), folder / "engine")
        shutil.copy2(python_env.REQUIREMENTS / "app.lock", folder / "requirements.lock")
        _download(folder / "wheels")
        shutil.copy2(ROOT / "tools" / "dist_start.py", folder / "start.py")
        (folder / "start.py").chmod(0o755)
        for name in TEXTS:
            if (ROOT / name).exists():
                target = folder / "docs" / Path(name).name
                target.parent.mkdir(exist_ok=True)
                shutil.copy2(ROOT / name, target)
        (folder / "build.json").write_text(json.dumps(_what_it_is(), indent=1) + "\n")
        shutil.rmtree(whole, ignore_errors=True)
        folder.rename(whole)
    say(f"start it with: python3 {whole.relative_to(ROOT)}/start.py")
    return whole


def _download(wheels: Path) -> None:
    """The wheels of the application's lock, for this machine's kind and Python and its older patch releases."""
    with tempfile.TemporaryDirectory() as folder:
        lock = Path(folder) / "app.lock"
        lock.write_text(for_every_patch_release((python_env.REQUIREMENTS / "app.lock").read_text()))
        run(
            [
                VENV_PYTHON, "-m", "pip", "download", "-q", "--require-hashes", "--no-deps", "--only-binary=:all:",
                "-d", wheels, "-r", lock,
            ]
        )  # fmt: skip


def for_every_patch_release(lock: str) -> str:
    """The lock with what only older patch releases need taken in: the folder may be started by one of those."""
    return OLDER_PYTHON.sub("", lock)


def _what_it_is() -> dict[str, str]:
    """What was built from what."""
    python = output([VENV_PYTHON, "-c", "import sys; print('.'.join(map(str, sys.version_info[:2])))"]).strip()
    commit = first_line(["git", "-C", ROOT, "rev-parse", "HEAD"]) or ""
    set_id = json.loads((SITE / "set.json").read_text())["id"]
    return {"commit": commit, "set": set_id, "python": python}
