"""Requests that wait as long as a busy machine may need: while its disk stalls, an answer takes many seconds."""

from typing import Any

import httpx

PATIENCE = 30.0


def request(method: str, url: str, **more: Any) -> httpx.Response:
    """One request on a connection of its own."""
    return httpx.request(method, url, **{"timeout": PATIENCE, **more})


def get(url: str, **more: Any) -> httpx.Response:
    return request("GET", url, **more)


def post(url: str, **more: Any) -> httpx.Response:
    return request("POST", url, **more)


def put(url: str, **more: Any) -> httpx.Response:
    return request("PUT", url, **more)
