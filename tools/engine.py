"""The tax engine, built three ways from the same crates: native Python module, wasm package, command line."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tools import cache, crates, rust
from tools.paths import BUILD, ENGINE, ENGINE_TARGET, LAW_JSON, ROOT, VENV, VENV_BIN, VENV_PYTHON, WASM_PACKAGE
from tools.proc import run
from tools.say import CannotGoOn

NATIVE = BUILD / "native"
CLI = ENGINE_TARGET / "release" / "tax_cli"
MODULE = "tax_engine"
NOT_BUILT = {"tests", "fixtures", "mutation"}
INSTALLED = VENV / ".engine"
"""Says that the module was installed in this `.venv`; it goes when `.venv` goes."""


def sources() -> list[Path]:
    """Everything that the engine is made of, the law included; its tests are not part of it."""
    return [path for path in cache.files_under(ENGINE) if not NOT_BUILT.intersection(path.relative_to(ENGINE).parts)]


def settings() -> list[str]:
    """What else decides the outcome."""
    return [rust.RUST, f"debian {rust.Toolchain.debian}"]


def pin_crates() -> None:
    """Let cargo use exactly the listed crates."""
    inputs = [*ENGINE.glob("**/Cargo.toml"), crates.LIST]
    inputs = [path for path in sorted(inputs) if path.exists()]
    cache.cached("Rust crates", inputs, [ENGINE / "Cargo.lock"], crates.pin)


def build_native() -> None:
    """Build the native module as a wheel and install it in `.venv`, apart from the lock."""

    def work() -> None:
        shutil.rmtree(NATIVE, ignore_errors=True)
        manifest = ENGINE / "py" / "Cargo.toml"
        run([VENV_BIN / "maturin", "build", "--release", "-q", "-m", manifest, "-i", VENV_PYTHON, "-o", NATIVE])
        pip = [VENV_PYTHON, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--force-reinstall"]
        run([*pip, native_wheel()])
        INSTALLED.touch()

    cache.cached("tax engine, native", sources(), [NATIVE, INSTALLED], work, settings())


def native_wheel() -> Path:
    """The wheel of the native module."""
    wheels = sorted(NATIVE.glob("*.whl"))
    if len(wheels) != 1:
        raise CannotGoOn(f"{NATIVE.relative_to(ROOT)} holds {len(wheels)} wheels instead of one")
    return wheels[0]


def without_paths() -> str:
    """Flags that keep this machine's folders out of the wasm: the same build elsewhere must give the same bytes.

    Panic messages name source files. In cargo's encoded form, because a folder's name may hold spaces.
    """
    cargo_home = os.environ.get("CARGO_HOME") or str(Path.home() / ".cargo")
    return "\x1f".join([f"--remap-path-prefix={cargo_home}=/cargo", f"--remap-path-prefix={ROOT}=/src"])


def build_wasm() -> None:
    """Build the wasm package for the page: an ES module and its wasm file."""

    def work() -> None:
        shutil.rmtree(WASM_PACKAGE, ignore_errors=True)
        before, after = rust.Toolchain.wasm_arguments()
        run(
            [
                "wasm-pack", "build", ENGINE / "wasm", "--target", "web", "--release", *before,
                "--out-dir", WASM_PACKAGE, "--out-name", MODULE, *(["--", *after] if after else []),
            ],
            # For size: what runs for every deal is written to be small, the rest runs seldom.
            env={"CARGO_ENCODED_RUSTFLAGS": without_paths(), "CARGO_PROFILE_RELEASE_OPT_LEVEL": "s"},
        )  # fmt: skip

    made = [WASM_PACKAGE / f"{MODULE}.js", WASM_PACKAGE / f"{MODULE}_bg.wasm"]
    cache.cached("tax engine, wasm", sources(), made, work, settings())


def write_law() -> None:
    """Write law.json: what the page shows of the law, apart from the wasm."""

    def work() -> None:
        code = "import sys, tax_engine; sys.stdout.buffer.write(bytes(tax_engine.law_json()))"
        LAW_JSON.write_text(run([VENV_PYTHON, "-c", code]), encoding="utf-8")

    cache.cached("law.json", sources(), [LAW_JSON], work)


def build_cli() -> None:
    """Build the engine's command line, which the scenario files run through."""

    def work() -> None:
        run(["cargo", "build", "-q", "--release", "--manifest-path", ENGINE / "cli" / "Cargo.toml"])

    cache.cached("tax engine, command line", sources(), [CLI], work, settings())


def pages(what: str) -> None:
    """Write (`docs`) or compare (`docs-check`) the pages that the rules generate: inputs and coverage."""
    manifest = ENGINE / "compiler" / "Cargo.toml"
    run(["cargo", "run", "-q", "--manifest-path", manifest, "--", what, ROOT / "docs"])


def build() -> None:
    """What the application needs: native, wasm and the law."""
    pin_crates()
    build_native()
    build_wasm()
    write_law()
