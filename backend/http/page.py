"""The built page: every file with its type, its brotli if the client takes it, and the right lifetime.

Files whose name carries a hash never change and are kept for a year; the others (start page, service worker, the set's
list) are asked for anew each time and answered 304 while they are the same.
"""

import hashlib
import re
import time
from pathlib import Path, PurePosixPath

from litestar.types import ASGIApp, Receive, Scope, Send

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".whl": "application/zip",
    ".woff2": "font/woff2",
    ".zip": "application/zip",
}
ALWAYS_FRESH = {"index.html", "sw.js", "service-worker.js", "set.json"}
# A hash in a name: hexadecimal of eight or more, or esbuild's eight capitals and digits.
HASHED = re.compile(r"(^|[._/-])([0-9a-f]{8,64}|[0-9A-Z]{8})(?=[._/-])")
SERVER_PATHS = ("/api/", "/health", "/ready", "/metrics", "/docs", "/openapi")
CHECK_EVERY_SECONDS = 1.0


class PageFile:
    """One file as it is sent."""

    def __init__(self, root: Path, path: Path) -> None:
        name = path.relative_to(root).as_posix()
        self.path = path
        brotli = path.with_name(path.name + ".br")
        self.brotli = brotli if brotli.is_file() else None
        self.size = path.stat().st_size
        self.brotli_size = brotli.stat().st_size if self.brotli else 0
        self.type = TYPES.get(path.suffix, "application/octet-stream")
        self.etag = hashlib.sha256(path.read_bytes()).hexdigest()[:32]
        hashed = HASHED.search(name) is not None and PurePosixPath(name).name not in ALWAYS_FRESH
        self.cache = "public, max-age=31536000, immutable" if hashed else "no-cache"


class PageFiles:
    """ASGI layer in front of the API: answers for the page, passes everything else on."""

    def __init__(self, app: ASGIApp, root: Path) -> None:
        self.app = app
        self.root = root
        self.files: dict[str, PageFile] = {}
        self._stamp: object = None
        self._checked = 0.0

    def _refresh(self) -> None:
        """Look again when a new set was built while we run; the set's list is written last."""
        now = time.monotonic()
        if self._checked and now - self._checked < CHECK_EVERY_SECONDS:
            return
        self._checked = now
        stamp = tuple(_stat(self.root / name) for name in ("set.json", "index.html"))
        if stamp == self._stamp:
            return
        files: dict[str, PageFile] = {}
        if self.root.is_dir():
            for path in sorted(self.root.rglob("*")):
                if path.is_file() and path.suffix != ".br":
                    files["/" + path.relative_to(self.root).as_posix()] = PageFile(self.root, path)
        self.files = files
        self._stamp = stamp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(SERVER_PATHS) or scope["method"] not in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        self._refresh()
        headers = {name.lower(): value for name, value in scope["headers"]}
        path = scope["path"]
        file = self.files.get("/index.html" if path == "/" else path)
        if file is None and "." not in path.rsplit("/", 1)[-1] and b"text/html" in headers.get(b"accept", b""):
            # An address inside the page, opened directly.
            file = self.files.get("/index.html")
        if file is None:
            if path == "/" and not self.files:
                await _plain(send, 503, b"The page is not built yet: run python3 build.py serve.\n")
                return
            await self.app(scope, receive, send)
            return
        await self._send(file, headers, scope["method"] == "HEAD", send)

    async def _send(self, file: PageFile, headers: dict[bytes, bytes], head: bool, send: Send) -> None:
        brotli = file.brotli is not None and _accepts_brotli(headers.get(b"accept-encoding", b"").decode("latin-1"))
        etag = f'"{file.etag}{"-br" if brotli else ""}"'
        answer = [
            (b"content-type", file.type.encode()),
            (b"cache-control", file.cache.encode()),
            (b"etag", etag.encode()),
        ]
        if file.brotli is not None:
            answer.append((b"vary", b"accept-encoding"))
        if _matches(headers.get(b"if-none-match", b"").decode("latin-1"), file.etag):
            await _start(send, 304, answer)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        path = file.brotli if brotli and file.brotli else file.path
        if brotli:
            answer.append((b"content-encoding", b"br"))
        answer.append((b"content-length", str(file.brotli_size if brotli else file.size).encode()))
        body = b"" if head else path.read_bytes()
        await _start(send, 200, answer)
        await send({"type": "http.response.body", "body": body, "more_body": False})


def _stat(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _accepts_brotli(header: str) -> bool:
    for part in header.split(","):
        name, _, parameters = part.strip().partition(";")
        if name.strip().lower() == "br":
            return re.fullmatch(r"\s*q=0(\.0*)?\s*", parameters) is None
    return False


def _matches(header: str, etag: str) -> bool:
    """Whether the client holds this file already, in either encoding, or asks for none that there is by `*`."""
    tags = {tag.strip().removeprefix("W/").strip('"') for tag in header.split(",")}
    return header.strip() == "*" or not tags.isdisjoint({etag, etag + "-br"})


async def _start(send: Send, status: int, headers: list[tuple[bytes, bytes]]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def _plain(send: Send, status: int, body: bytes) -> None:
    await _start(send, status, [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")])
    await send({"type": "http.response.body", "body": body, "more_body": False})
