"""The mixed deals that the engine is measured with: those of the scenario files that it can answer."""

from __future__ import annotations

from pathlib import Path

import tax_engine

from pyapp.errors import Refused
from pyapp.tax import wire
from pyapp.tax.catalogue import Catalogue
from pyapp.tax.facts import scenario_request
from tools.contract.scenarios import read

SCENARIOS = Path(__file__).resolve().parents[1] / "contract"


# In the word of the kind of deal: the taxes alone, without the steps of their formulas (docs/engine_wire.md).
TAXES_ALONE_WITHOUT_STEPS = 2 + 4
KIND = slice(16, 24)


def requests(law: bytes) -> list[bytes]:
    """Every scenario that the engine answers with lines, as a tax calculation: no fees, no steps."""
    catalogue = Catalogue(law)
    found: list[bytes] = []
    for one in read([SCENARIOS]):
        try:
            asked = scenario_request(catalogue, state=one.state, date=one.date, kind=one.kind, inputs=one.inputs)
        except Refused:
            continue
        request = wire.encode(asked)
        if wire.decode(bytes(tax_engine.quote(request))).status == wire.COMPUTED:
            found.append(tax_calculation(request))
    return found


def tax_calculation(request: bytes) -> bytes:
    """The same request for the taxes alone, without steps."""
    kind = int.from_bytes(request[KIND], "little") + TAXES_ALONE_WITHOUT_STEPS
    return request[: KIND.start] + kind.to_bytes(8, "little") + request[KIND.stop :]


def batch(requests: list[bytes]) -> bytes:
    """Requests as one call: their number, then each after its length in words."""
    parts = [len(requests).to_bytes(8, "little")]
    for request in requests:
        parts += [(len(request) // 8).to_bytes(8, "little"), request]
    return b"".join(parts)
