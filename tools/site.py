"""The site: one folder with everything a browser loads, described by one hashed set.

`set.json` names every file with its SHA-256 and size; its id is the hash over all of them. The service worker stores
a set whole or not at all, so the page, Python and the law in one browser always come from one build.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

from tools import browser_python, cache, engine
from tools.paths import (
    BUILD,
    GENERATED_TYPES,
    LAW_JSON,
    NODE_MODULES,
    PYAPP,
    ROOT,
    SITE,
    VENV_PYTHON,
    WASM_PACKAGE,
    WEB,
    user_cache,
)
from tools.proc import output, run

PAGE = BUILD / "page"
STAGE = BUILD / "dist.new"
ID_LENGTH = 16
"""Hex digits of a set's id: 64 bits, enough to tell builds apart; the files have whole hashes."""


def generate_types() -> None:
    """Write the TypeScript types of what pyapp and the page say to each other."""

    def work() -> None:
        GENERATED_TYPES.parent.mkdir(parents=True, exist_ok=True)
        GENERATED_TYPES.write_text(output([VENV_PYTHON, "-m", "pyapp", "typescript"]), encoding="utf-8")

    inputs = [path for path in cache.files_under(PYAPP) if path.suffix == ".py"]
    cache.cached("types for the page", inputs, [GENERATED_TYPES], work)


def bundle_page() -> None:
    """Bundle the page by esbuild."""

    def work() -> None:
        shutil.rmtree(PAGE, ignore_errors=True)
        run(["node", WEB / "build.mjs", PAGE])

    inputs = [*cache.files_under(WEB), GENERATED_TYPES, ROOT / "package-lock.json"]
    cache.cached("page", inputs, [PAGE / "index.html"], work)


def parts() -> dict[str, Path]:
    """Every file of the site by its address, without those of the page's bundle."""
    runtime = {f"pyodide/{name}": browser_python.PYODIDE / name for name in browser_python.RUNTIME_FILES}
    wheels = {f"pyodide/{wheel.name}": wheel for wheel in browser_python.shipped_wheels()}
    extensions = {f"pyodide/{name}": path for name, path in browser_python.extensions().items()}
    return {
        **runtime,
        **wheels,
        **extensions,
        "pyodide/pyodide-lock.json": browser_python.LOCK,
        "pyapp.zip": browser_python.PYAPP_ZIP,
        "engine/tax_engine.js": WASM_PACKAGE / "tax_engine.js",
        "engine/tax_engine_bg.wasm": WASM_PACKAGE / "tax_engine_bg.wasm",
        "law.json": LAW_JSON,
    }


def all_files() -> dict[str, Path]:
    """Every file of the site by its address."""
    page = {path.relative_to(PAGE).as_posix(): path for path in PAGE.rglob("*") if path.is_file()}
    return dict(sorted({**page, **parts()}.items()))


def describe(folder: Path) -> dict[str, object]:
    """The set: its files with hash and size, and the id that follows from them."""
    files: list[dict[str, object]] = []
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix()):
        if not path.is_file() or path.name == "set.json" or path.suffix == ".br":
            continue
        url = "/" + path.relative_to(folder).as_posix()
        digest = cache.hash_file(path)
        total.update(f"{url} {digest}\n".encode())
        files.append({"url": url, "sha256": digest, "bytes": path.stat().st_size})
    return {"id": total.hexdigest()[:ID_LENGTH], "files": files}


def assemble() -> None:
    """Put the site together beside the old one, compress it, and swap the two."""
    files = all_files()

    def work() -> None:
        shutil.rmtree(STAGE, ignore_errors=True)
        for address, source in files.items():
            target = STAGE / address
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        (STAGE / "set.json").write_text(json.dumps(describe(STAGE), indent=1) + "\n")
        run([VENV_PYTHON, "-m", "tools.compress", STAGE, user_cache() / "brotli"])
        old = BUILD / "dist.old"
        shutil.rmtree(old, ignore_errors=True)
        if SITE.exists():
            SITE.rename(old)
        STAGE.rename(SITE)
        shutil.rmtree(old, ignore_errors=True)

    script = ROOT / "tools" / "compress.py"
    cache.cached("site, compressed", [*files.values(), script], [SITE / "set.json"], work, list(files))


def build() -> None:
    """Everything that the server serves, from the sources."""
    if not NODE_MODULES.exists():
        raise RuntimeError("node_modules must be there before the site is built")
    engine.build()
    browser_python.build()
    generate_types()
    bundle_page()
    assemble()
