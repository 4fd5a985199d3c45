"""Brotli twins of the site's files: `.venv/bin/python -m tools.compress FOLDER CACHE`.

Runs in `.venv`, which has brotli. The highest level takes half a minute for Python's wasm, so what was compressed
once is kept by the hash of its content.
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import brotli

from tools.cache import hash_file

QUALITY = 11
WINDOW_BITS = 24
KEEP = 400
"""How many compressed files the cache holds before the oldest go."""


def compress(job: tuple[str, str]) -> None:
    """Make one twin, from the cache if the content is known."""
    path, folder = Path(job[0]), Path(job[1])
    kept = folder / f"{hash_file(path)}.br"
    if not kept.exists():
        packed = brotli.compress(path.read_bytes(), quality=QUALITY, lgwin=WINDOW_BITS)
        partial = kept.with_suffix(".part")
        partial.write_bytes(packed)
        partial.replace(kept)
    path.with_name(path.name + ".br").write_bytes(kept.read_bytes())


def main(folder: Path, cache: Path) -> None:
    """Compress every file of a folder, the largest first so that both cores stay busy."""
    cache.mkdir(parents=True, exist_ok=True)
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".br"]
    files.sort(key=lambda path: path.stat().st_size, reverse=True)
    with ProcessPoolExecutor() as pool:
        list(pool.map(compress, [(str(path), str(cache)) for path in files]))
    old = sorted(cache.glob("*.br"), key=lambda path: path.stat().st_mtime, reverse=True)[KEEP:]
    for path in old:
        path.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
