"""Entry of the browser's worker: `start` once, then `handle` for each message; bytes in, bytes out, no exceptions."""

import msgspec

from pyapp.deal.document import Deal
from pyapp.deal.price import price
from pyapp.desk.desk import info, view
from pyapp.desk.draft import PriceCall
from pyapp.desk.warm import warm_up
from pyapp.errors import Problem, Refused, refuse
from pyapp.tax.engine import BrowserEngine, Engine
from pyapp.tax.service import TaxService

_encode = msgspec.json.Encoder().encode
_price_call = msgspec.json.Decoder(PriceCall).decode
_deal = msgspec.json.Decoder(Deal).decode


class _Started:
    """The one service of this worker."""

    service: TaxService | None = None


def start(law: bytes, engine: Engine | None = None) -> None:
    """Gives the worker its law file; without an engine it takes the one that the page registered."""
    _Started.service = TaxService(engine or BrowserEngine(), law)


def warm() -> None:
    """Computes a made-up deal through the same bytes as a real one, for a memory snapshot that is taken afterwards."""
    if _Started.service is None:
        raise RuntimeError("the worker has no law file yet")
    call = _encode(warm_up(_Started.service))
    handle("price", call)
    handle("info", b"{}")


def _answer(method: str, payload: bytes, service: TaxService) -> bytes:
    match method:
        case "price":
            return _encode(view(_price_call(payload), service))
        case "quote":
            return _encode(price(_deal(payload), service))
        case "info":
            return _encode(info(service))
        case "ping":
            return b"{}"
        case _:
            raise refuse("unknown_method", "", f"“{method}” is no method of the worker", "price, quote, info, ping")


def handle(method: str, payload: bytes) -> bytes:
    """One message. A refusal comes back as `{"error": …}`; what was typed stays with the page either way."""
    if _Started.service is None:
        return _encode(refuse("not_started", "", "the worker has no law file yet").answer())
    try:
        return _answer(method, payload, _Started.service)
    except Refused as refused:
        return _encode(refused.answer())
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        return _encode(refuse("bad_message", "", str(error), "a message of the shapes in pyapp").answer())
    except Exception as error:
        problem = Problem(code="internal", field="", message=f"{type(error).__name__}: {error}")
        return _encode(Refused([problem]).answer())
