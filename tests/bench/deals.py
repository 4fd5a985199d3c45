"""The mixed deals that the engine is measured with: those of the scenario files that it can answer."""

from __future__ import annotations

from pathlib import Path

import msgspec
import tax_engine

from pyapp.errors import Refused
from pyapp.tax import wire
from pyapp.tax.catalogue import Catalogue
from pyapp.tax.facts import scenario_request
from tools.contract.scenarios import read

SCENARIOS = Path(__file__).resolve().parents[1] / "contract"


def requests(law: bytes) -> list[bytes]:
    """Every scenario that the engine answers with lines, as a tax calculation: no fees, no steps."""
    taxes_alone = wire.TAXES_ALONE + wire.WITHOUT_STEPS
    catalogue = Catalogue(law)
    found: list[bytes] = []
    for one in read([SCENARIOS]):
        try:
            asked = scenario_request(catalogue, state=one.state, date=one.date, kind=one.kind, inputs=one.inputs)
        except Refused:
            continue
        request = wire.encode(asked)
        if wire.decode(bytes(tax_engine.quote(request))).status == wire.COMPUTED:
            found.append(wire.encode(msgspec.structs.replace(asked, kind=asked.kind + taxes_alone)))
    return found
