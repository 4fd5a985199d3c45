"""`check`: format, lint, types and the house rules that no other tool knows."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from tools import crates, engine, locks, node
from tools.paths import ENGINE, ROOT, VENV_BIN
from tools.proc import output, run
from tools.say import CannotGoOn, say, step

# Written in words, so that this file names none itself.
HOSTS = (
    "pypi org",
    "python[h]osted org",
    "registry npmjs org",
    "registry yarnpkg com",
    "npmmirror com",
    "crates io",
    "static rust-lang org",
    "repo maven",
    "maven org",
    "proxy golang org",
    "deb debian org",
    "archive ubuntu com",
)
REGISTRIES = re.compile("|".join(r"\.".join(host.split()) for host in HOSTS))
"""Addresses that belong to a machine's own settings, never to the project."""
SKIPPED_SUFFIXES = {".png", ".woff2", ".gz", ".zip", ".pdf"}
PYTHON_FOLDERS = ["build.py", "tools", "pyapp", "backend", "tests"]


def tracked_files() -> list[Path]:
    """Every file that git tracks and that is there."""
    names = output(["git", "ls-files", "-z"]).split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def registry_addresses(files: list[Path]) -> list[str]:
    """Where a registry's address stands, one line each."""
    found: list[str] = []
    for path in files:
        if path.suffix in SKIPPED_SUFFIXES:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), 1):
            if REGISTRIES.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number} names a registry's address")
    return found


def no_registry_addresses() -> None:
    """Stop when a tracked file names a registry."""
    found = registry_addresses(tracked_files())
    if found:
        raise CannotGoOn("\n".join(found))


def python_style() -> None:
    """Format and lint of all Python."""
    folders = [name for name in PYTHON_FOLDERS if (ROOT / name).exists()]
    run([VENV_BIN / "ruff", "format", "--check", *folders])
    run([VENV_BIN / "ruff", "check", *folders])


def python_types() -> None:
    """Pyright, strict, over pyapp and the backend."""
    run([node.program("pyright")])


def container_files() -> None:
    """Hadolint, yamllint and shellcheck over what a deployment is made of."""
    deploy = ROOT / "deploy"
    run([VENV_BIN / "hadolint", deploy / "Dockerfile"])
    rules = "{extends: default, rules: {line-length: {max: 120}}}"
    run([VENV_BIN / "yamllint", "--strict", "-d", rules, *sorted([*deploy.glob("*.yaml"), *deploy.glob("*.yml")])])
    run([VENV_BIN / "shellcheck", ROOT / ".ci" / "run", *sorted(deploy.rglob("*.sh"))])


def rust_style() -> None:
    """Format of the crates, and clippy with every warning an error."""
    manifest = ["--manifest-path", ENGINE / "Cargo.toml"]
    run(["cargo", "fmt", "--all", "--check", *manifest])
    run(["cargo", "clippy", "-q", "--workspace", "--all-targets", *manifest, "--", "-D", "warnings"])


def rust_crates() -> None:
    """The crates that are linked are those of crates.txt."""
    crates.pin()


def python_locks() -> None:
    """The Python locks are those of requirements/*.in, and agree with each other."""
    found = locks.faults()
    if found:
        raise CannotGoOn("\n".join([*found, "`python3 build.py lock` makes the locks"]))


def generated_pages() -> None:
    """The pages of docs/ that the rules generate say what the rules say."""
    try:
        engine.pages("docs-check")
    except CannotGoOn as reason:
        raise CannotGoOn(f"{reason}\n`python3 build.py docs` writes these pages") from reason


def typescript_types() -> None:
    """The page's types, the worker's and the service worker's."""
    for project in sorted((ROOT / "web").rglob("tsconfig.json")):
        if "node_modules" not in project.parts:
            run([node.program("tsc"), "--noEmit", "-p", project])


CHECKS: dict[str, Callable[[], None]] = {
    "no registry address in tracked files": no_registry_addresses,
    "Python format and lint": python_style,
    "Python types": python_types,
    "container files": container_files,
    "Python locks": python_locks,
    "Rust crates": rust_crates,
    "Rust format and lint": rust_style,
    "generated pages": generated_pages,
    "TypeScript types": typescript_types,
}


def run_all() -> int:
    """Run every check, also after one that failed."""
    failed: list[str] = []
    for name, check in CHECKS.items():
        try:
            with step(name):
                check()
        except CannotGoOn as reason:
            say(str(reason))
            failed.append(name)
    if failed:
        say(f"{len(failed)} of {len(CHECKS)} checks failed: {', '.join(failed)}")
        return 1
    say(f"all {len(CHECKS)} checks passed")
    return 0
