"""Prometheus metrics, summed over the worker processes through a folder of memory-mapped files.

`serve` sets PROMETHEUS_MULTIPROC_DIR before the workers start; without it the registry is the process's own.
"""

import functools
import os

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)

REQUESTS = Counter("autolytiq_requests", "Requests answered.", ("method", "route", "status"))
SECONDS = Histogram("autolytiq_request_seconds", "Time to the end of the answer.", ("method", "route"), buckets=BUCKETS)
DIFFERENCES = Counter("autolytiq_deal_differences", "Figures of a deal that the server computed otherwise than shown.")
AUDIT_READS_LOST = Counter("autolytiq_audit_reads_lost", "Read records that could not be written.")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

CONTENT_TYPE = CONTENT_TYPE_LATEST


@functools.lru_cache(maxsize=1024)
def _series(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """Looking a series up by its labels takes longer than counting."""
    method = method if method in METHODS else "OTHER"
    return REQUESTS.labels(method, route, str(status)), SECONDS.labels(method, route)


def observe(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answer under its route's template, never its path."""
    requests, times = _series(method, route, status)
    requests.inc()
    times.observe(seconds)


def exposition() -> bytes:
    """All metrics of all workers as text."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
        return generate_latest(registry)
    return generate_latest(REGISTRY)
