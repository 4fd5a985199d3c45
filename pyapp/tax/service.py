"""Engine and catalogue together: what the rest of pyapp asks for tax."""

from collections.abc import Sequence

from pyapp.law.lines import Citations
from pyapp.tax import wire
from pyapp.tax.catalogue import Catalogue
from pyapp.tax.engine import Engine, NativeEngine


class TaxService:
    """Typed questions to one engine with the catalogue of its rule pack."""

    def __init__(self, engine: Engine, law: bytes) -> None:
        self.engine = engine
        self.catalogue = Catalogue(law)
        self._citations: dict[str, Citations] = {}

    def citations(self, state: str) -> Citations:
        """The sources of one state's law, kept from quote to quote."""
        if state not in self._citations:
            self._citations[state] = Citations(self.catalogue.states[state])
        return self._citations[state]

    def quote(self, request: wire.Request) -> wire.Answer:
        """Lines with traces."""
        return wire.decode(self.engine.quote(wire.encode(request)))

    def quote_many(self, requests: Sequence[wire.Request]) -> list[wire.Answer]:
        """Lines without traces, one call for all."""
        return wire.decode_many(self.engine.quote_many(wire.batch(map(wire.encode, requests)))) if requests else []

    def needs(self, request: wire.Request) -> wire.Needs:
        """The facts that matter."""
        return wire.decode_needs(self.engine.needs(wire.encode(request)))


def native_service() -> TaxService:
    """The compiled engine with the rule pack that it carries."""
    return TaxService(NativeEngine(), NativeEngine.law())
