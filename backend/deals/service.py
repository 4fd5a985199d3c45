"""Deals: who sees which, and how each write is validated, computed and stored."""

import operator
import re
import uuid
from datetime import UTC, datetime
from typing import Any, cast

import msgspec
from msgspec import UNSET
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.principal import Principal
from backend.db.direct import Direct
from backend.db.rows import Work, sql
from backend.db.rows import values as values_of
from backend.deals import pricing
from backend.deals.schemas import DealHead, DealPut, Difference, PencilCreate
from backend.deals.statuses import FIRST, LOCKED, STEPS
from backend.documents import service as documents
from backend.documents.service import Draft
from backend.http import metrics
from backend.http.etag import stale
from backend.http.problems import FieldError, Problem, not_found
from backend.ids import uuid7
from pyapp.deal.document import SCHEMA_VERSION, Deal, Pencil

KIND = "deal"
LINE = "id, rev, status, title, rooftop_id, owner_id, customer_id, total, differs, created_at, changed_at"
HEAD = f"{LINE}, assigned_ids"
OF_HEAD = operator.attrgetter(*DealHead.__struct_fields__)
CHANGED = documents.changing(f"{HEAD}, CAST(body AS text) AS body")
MOST_ITEMS = 100
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")
"""Characters below the blank, but for the tabulator and the new line."""
ROOFTOP = text("SELECT active FROM rooftops WHERE tenant_id = :tenant AND id = :rooftop")


class Stored(msgspec.Struct, kw_only=True):
    """The body of a deal's document."""

    deal: Deal
    shown: dict[str, int | None]
    computed: dict[str, int | None]
    waits: dict[str, list[str]]
    warnings: list[str]
    rule_pack: str


def visible(principal: Principal) -> str:
    """The condition under which a user sees a deal; its parameters are `me`, `mine` and `tenant`."""
    if principal.sees_all_rooftops:
        return "true"
    at_mine = "rooftop_id = ANY(CAST(:mine AS uuid[]))"
    if principal.role != "sales":
        return at_mine
    setting = "(SELECT body ->> 'sales_see' FROM tenant_settings WHERE tenant_id = :tenant)"
    return f"(owner_id = :me OR :me = ANY(assigned_ids) OR (coalesce({setting}, 'own') = 'rooftop' AND {at_mine}))"


def seen_by(principal: Principal) -> dict[str, Any]:
    """The parameters of `visible`."""
    values: dict[str, Any] = {"tenant": principal.tenant_id}
    if not principal.sees_all_rooftops:
        values["mine"] = sorted(principal.rooftop_ids)
        if principal.role == "sales":
            values["me"] = principal.user_id
        if principal.role != "sales":
            return values
    return values


def one_deal(principal: Principal) -> str:
    """The statement for one deal that is there and that this user sees."""
    return (
        f"SELECT {HEAD}, CAST(body AS text) AS body FROM documents WHERE tenant_id = :tenant AND id = :id"
        f" AND kind = 'deal' AND NOT deleted AND {visible(principal)}"
    )


async def find(work: Work, principal: Principal, deal: uuid.UUID, *, lock: bool = False) -> Any:
    """A deal that is there and that this user sees."""
    statement = sql(one_deal(principal) + (" FOR UPDATE" if lock else ""))
    row = (await work.execute(statement, {**seen_by(principal), "id": deal})).one_or_none()
    if row is None:
        raise not_found()
    return row


async def read(direct: Direct, principal: Principal, deal: uuid.UUID) -> Any:
    """The same by the short road."""
    found = await direct.fetch(principal.tenant_id, one_deal(principal), {**seen_by(principal), "id": deal})
    row = found.one_or_none()
    if row is None:
        raise not_found()
    return row


def head(row: Any) -> DealHead:
    """A row as a line of a list."""
    return DealHead(**dict(zip(DealHead.__struct_fields__, OF_HEAD(row), strict=True)))


def stored(row: Row[Any]) -> Stored:
    """The body of a row."""
    return msgspec.json.decode(row.body, type=Stored)


def as_json(row: Any) -> bytes:
    """A row as the answer `DealOut`: its stored body goes out as it is, with the head beside it."""
    return msgspec.json.encode(head(row))[:-1] + b"," + row.body.encode()[1:]


def _owner(deal: Deal, principal: Principal) -> list[uuid.UUID]:
    try:
        return [uuid.UUID(one) for one in deal.assigned_users]
    except ValueError:
        raise _wrong("deal.assigned_users", "invalid", "each entry is the id of a user") from None


def _wrong(field: str, code: str, message: str) -> Problem:
    return Problem(422, "invalid_input", "Some of the input is not accepted.", [FieldError(field, code, message)])


async def _customer(work: Work, principal: Principal, deal: Deal) -> tuple[uuid.UUID | None, str]:
    """The customer that the deal is for, and the name to list it under."""
    named = next((party.name for party in deal.parties if party.name), "") or ""
    given = next((party.customer_id for party in deal.parties if party.customer_id), None)
    if given is None:
        return None, named
    try:
        customer = uuid.UUID(given)
    except ValueError:
        raise _wrong("deal.parties.customer_id", "invalid", "the id of a customer is a UUID") from None
    row = (
        await work.execute(
            text(
                "SELECT title FROM documents WHERE tenant_id = :tenant AND id = :id AND kind = 'customer'"
                " AND NOT deleted"
            ),
            {"tenant": principal.tenant_id, "id": customer},
        )
    ).one_or_none()
    if row is None:
        raise _wrong("deal.parties.customer_id", "unknown_customer", "this customer is not one of yours")
    return customer, named or row.title


async def _rooftop(work: Work, principal: Principal, deal: Deal, before: Any) -> uuid.UUID:
    """The store that makes the deal; one that is closed finishes what it has and begins nothing."""
    try:
        rooftop = uuid.UUID(deal.rooftop_id or "")
    except ValueError:
        raise _wrong("deal.rooftop_id", "missing", "every deal names the rooftop that makes it") from None
    if not principal.sees_all_rooftops and rooftop not in principal.rooftop_ids:
        raise _wrong("deal.rooftop_id", "unknown_rooftop", "this rooftop is not one of yours")
    if before is None or before.rooftop_id != rooftop:
        found = await work.execute(ROOFTOP, {"tenant": principal.tenant_id, "rooftop": rooftop})
        row = found.one_or_none()
        if row is None:
            raise _wrong("deal.rooftop_id", "unknown_rooftop", "this rooftop is not one of yours")
        if not row.active:
            raise _wrong("deal.rooftop_id", "closed_rooftop", "this rooftop is closed; choose one that is active")
    return rooftop


def _check_text(deal: Deal) -> None:
    """No control characters anywhere, and lists of a length that a deal can have."""
    errors: list[FieldError] = []

    def look(value: Any, path: str) -> None:
        if isinstance(value, str):
            if len(value) > 2000:
                errors.append(FieldError(path, "too_long", "at most 2,000 characters"))
            elif CONTROL.search(value):
                errors.append(FieldError(path, "control_character", "control characters are not accepted"))
        elif isinstance(value, dict):
            for key, one in cast("dict[str, Any]", value).items():
                look(key, path)
                look(one, f"{path}.{key}"[:200])
        elif isinstance(value, list):
            items = cast("list[Any]", value)
            if len(items) > MOST_ITEMS:
                errors.append(FieldError(path, "too_many", f"at most {MOST_ITEMS} entries"))
            for at, one in enumerate(items[:MOST_ITEMS]):
                look(one, f"{path}[{at}]")

    look(msgspec.to_builtins(deal), "deal")
    if errors:
        raise Problem(422, "invalid_input", "Some of the input is not accepted.", errors[:100])


async def prepare(
    work: Work, principal: Principal, deal_id: uuid.UUID, given: DealPut, before: Any
) -> tuple[Draft, dict[str, tuple[int | None, int | None]]]:
    """Validate and compute; gives the draft to store and the figures that were shown otherwise."""
    deal = given.deal
    _check_text(deal)
    unknown = pricing.known_figures(given.shown)
    if unknown:
        raise Problem(422, "invalid_input", "Some of the input is not accepted.", unknown)
    if deal.id not in ("", str(deal_id)):
        raise _wrong("deal.id", "other_id", "the id in the document is that of the address")
    deal.id = str(deal_id)
    status = before.status if before else FIRST
    if deal.status != status:
        raise _wrong("deal.status", "status", f"this deal is {status}; its status is changed by a request of its own")
    _check_pencils(deal, stored(before).deal.pencils if before else [])
    rooftop = await _rooftop(work, principal, deal, before)
    customer, named = await _customer(work, principal, deal)
    computed = pricing.compute(deal)
    different = pricing.differences(given.shown, computed)
    car = deal.vehicle
    vehicle = " ".join(str(part) for part in (car.model_year, car.make, car.model) if part)
    body = Stored(
        deal=deal,
        shown=given.shown,
        computed=computed.figures,
        waits=computed.waits,
        warnings=computed.warnings,
        rule_pack=computed.rule_pack,
    )
    draft = Draft(
        id=deal_id,
        kind=KIND,
        schema_version=SCHEMA_VERSION,
        body=msgspec.json.encode(body),
        title=", ".join(part for part in (named, vehicle) if part) or "Deal",
        status=status,
        rooftop_id=rooftop,
        owner_id=before.owner_id if before else principal.user_id,
        assigned_ids=_owner(deal, principal),
        customer_id=customer,
        total=computed.figures["otd_after_trade"],
        differs=bool(different),
    )
    return draft, different


def _check_pencils(deal: Deal, before: list[Pencil]) -> None:
    if deal.pencils[: len(before)] != before or len(deal.pencils) != len(before):
        raise _wrong(
            "deal.pencils", "append_only", "what was shown stays; a new pencil is made by a request of its own"
        )


async def note_differences(
    work: Work, principal: Principal, draft: Draft, rev: int, different: dict[str, tuple[Any, Any]]
) -> None:
    """Keep what was shown otherwise, where managers find it."""
    if not different:
        return
    metrics.DIFFERENCES.inc(len(different))
    await work.execute(
        text(
            """
            INSERT INTO deal_differences (tenant_id, deal_id, rev, figure, shown, computed)
            SELECT :tenant, :deal, :rev, figure, shown, computed
            FROM unnest(CAST(:figures AS text[]), CAST(:shown AS bigint[]), CAST(:computed AS bigint[]))
                AS given (figure, shown, computed)
            """
        ),
        {
            "tenant": principal.tenant_id,
            "deal": draft.id,
            "rev": rev,
            "figures": list(different),
            "shown": [pair[0] for pair in different.values()],
            "computed": [pair[1] for pair in different.values()],
        },
    )


def detail_of(draft: Draft, different: dict[str, Any]) -> dict[str, Any]:
    """What the audit says beside who and when."""
    detail: dict[str, Any] = {"status": draft.status}
    if draft.customer_id:
        detail["customer"] = str(draft.customer_id)
    if different:
        detail["differs"] = sorted(different)
    return detail


def _open(row: Row[Any], rev: int) -> None:
    if row.rev != rev:
        raise stale()
    if row.status in LOCKED:
        raise Problem(409, "deal_locked", f"This deal is {row.status}: what was signed does not change.")


async def put(work: Work, principal: Principal, deal_id: uuid.UUID, rev: int, given: DealPut) -> Any:
    """Replace a deal."""
    before = await find(work, principal, deal_id, lock=True)
    _open(before, rev)
    draft, different = await prepare(work, principal, deal_id, given, before)
    return await _store(work, principal, draft, rev, "change", different)


async def _store(
    work: Work,
    principal: Principal,
    draft: Draft,
    rev: int,
    action: str,
    different: dict[str, tuple[int | None, int | None]],
) -> Any:
    await note_differences(work, principal, draft, rev + 1, different)
    return await documents.change(work, principal, draft, rev, action, detail_of(draft, different), CHANGED)


def _again(row: Row[Any], body: Stored, status: str) -> Draft:
    """The stored deal as a draft, with another status or body."""
    body.deal.status = status
    return Draft(
        id=row.id,
        kind=KIND,
        schema_version=SCHEMA_VERSION,
        body=msgspec.json.encode(body),
        title=row.title,
        status=status,
        rooftop_id=row.rooftop_id,
        owner_id=row.owner_id,
        assigned_ids=row.assigned_ids,
        customer_id=row.customer_id,
        total=row.total,
        differs=row.differs,
    )


async def move(work: Work, principal: Principal, deal_id: uuid.UUID, rev: int, status: str) -> Any:
    """Take a deal one step on, or back, if this user may."""
    row = await find(work, principal, deal_id, lock=True)
    if row.rev != rev:
        raise stale()
    roles = STEPS.get((row.status, status))
    if roles is None:
        ways = ", ".join(after for before, after in STEPS if before == row.status) or "nothing"
        raise Problem(409, "no_such_step", f"From {row.status} a deal goes to {ways}, not to {status}.")
    if principal.role not in roles:
        raise Problem(403, "not_allowed", f"Your role may not take a deal from {row.status} to {status}.")
    body = stored(row)
    if status == "contracted" and body.waits:
        raise Problem(409, "figures_wait", "A contract needs every figure; some still wait: " + ", ".join(body.waits))
    return await _store(work, principal, _again(row, body, status), rev, f"status.{status}", {})


async def pencil(work: Work, principal: Principal, deal_id: uuid.UUID, rev: int, given: PencilCreate) -> Any:
    """Append a pencil: the server's own figures of this revision."""
    row = await find(work, principal, deal_id, lock=True)
    _open(row, rev)
    body = stored(row)
    if len(body.deal.pencils) >= MOST_ITEMS:
        raise Problem(409, "too_many", f"A deal holds at most {MOST_ITEMS} pencils.")
    made = uuid7() if given.id is UNSET else given.id
    if any(one.id == str(made) for one in body.deal.pencils):
        raise Problem(409, "id_taken", "There is a pencil with this id already.")
    figures: dict[str, int | str | None] = dict(body.computed)
    body.deal.pencils.append(
        Pencil(
            id=str(made),
            number=len(body.deal.pencils) + 1,
            who=str(principal.user_id),
            when=datetime.now(UTC).isoformat(timespec="seconds"),
            revision=str(rev),
            figures=figures,
        )
    )
    return await _store(work, principal, _again(row, body, row.status), rev, "pencil", {})


async def remove(session: AsyncSession, principal: Principal, deal_id: uuid.UUID, rev: int) -> None:
    """Take a deal off the desk; its history stays."""
    row = await find(session, principal, deal_id, lock=True)
    _open(row, rev)
    draft = _again(row, stored(row), row.status)
    draft.deleted = True
    await documents.replace(session, principal, draft, rev, "delete")


async def differences(session: AsyncSession, principal: Principal, deal_id: uuid.UUID) -> list[Difference]:
    """What the screen showed otherwise, latest first."""
    await find(session, principal, deal_id)
    rows = await session.execute(
        text(
            "SELECT rev, figure, shown, computed, at FROM deal_differences WHERE tenant_id = :tenant"
            " AND deal_id = :deal ORDER BY rev DESC, figure LIMIT 1000"
        ),
        {"tenant": principal.tenant_id, "deal": deal_id},
    )
    return [Difference(**values_of(row)) for row in rows]


SORTS = {
    "created": ("created_at", "timestamptz", "ASC"),
    "-created": ("created_at", "timestamptz", "DESC"),
    "title": ("title", "text", "ASC"),
    "-title": ("title", "text", "DESC"),
    "total": ("coalesce(total, 0)", "bigint", "ASC"),
    "-total": ("coalesce(total, 0)", "bigint", "DESC"),
    "changed": ("changed_at", "timestamptz", "ASC"),
    "-changed": ("changed_at", "timestamptz", "DESC"),
}
KEYS: dict[str, Any] = {"timestamptz": datetime, "text": str, "bigint": int}


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which deals a list asks for."""

    status: str | None = None
    rooftop: uuid.UUID | None = None
    owner: uuid.UUID | None = None
    customer: uuid.UUID | None = None
    differs: bool | None = None
    since: datetime | None = None
    until: datetime | None = None


WHERE = """
    tenant_id = :tenant AND kind = 'deal' AND NOT deleted
    AND (CAST(:status AS text) IS NULL OR status = :status)
    AND (CAST(:rooftop AS uuid) IS NULL OR rooftop_id = :rooftop)
    AND (CAST(:owner AS uuid) IS NULL OR owner_id = :owner)
    AND (CAST(:customer AS uuid) IS NULL OR customer_id = :customer)
    AND (CAST(:differs AS boolean) IS NULL OR differs = :differs)
    AND (CAST(:since AS timestamptz) IS NULL OR changed_at >= :since)
    AND (CAST(:until AS timestamptz) IS NULL OR changed_at < :until)
"""


async def listed(
    work: Work,
    principal: Principal,
    wanted: Wanted,
    sort: str,
    after: tuple[Any, uuid.UUID] | None,
    limit: int,
) -> list[Any]:
    """Deals that this user sees, after a key; by `created` nothing ever moves between pages."""
    column, kind, way = SORTS[sort]
    sign = ">" if way == "ASC" else "<"
    beyond = f"AND ({column}, id) {sign} (CAST(:value AS {kind}), CAST(:key AS uuid))" if after else ""
    values: dict[str, Any] = {**seen_by(principal), **msgspec.structs.asdict(wanted), "limit": limit}
    if after:
        values |= {"value": after[0], "key": after[1]}
    rows = await work.execute(
        sql(
            f"SELECT {LINE}, {column} AS sorted FROM documents WHERE {WHERE} AND {visible(principal)} {beyond}"
            f" ORDER BY {column} {way}, id {way} LIMIT :limit"
        ),
        values,
    )
    return list(rows.all())


async def counts(session: AsyncSession, principal: Principal, wanted: Wanted) -> dict[str, int]:
    """How many deals stand where."""
    rows = await session.execute(
        text(f"SELECT status, count(*) AS n FROM documents WHERE {WHERE} AND {visible(principal)} GROUP BY status"),
        {**seen_by(principal), **msgspec.structs.asdict(wanted)},
    )
    return {row.status: row.n for row in rows}
