"""Customers: found, kept, merged, brought in and taken out."""

import csv
import io
import uuid
from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit.record import Who, event
from backend.auth.principal import Principal
from backend.customers import search
from backend.customers.schemas import (
    SCHEMA_VERSION,
    Address,
    Customer,
    CustomerBody,
    CustomerLine,
    Duplicates,
    ImportReport,
    OwnedVehicle,
    RowReport,
)
from backend.db.clock import Event
from backend.db.engine import Database
from backend.db.rows import Work, sql
from backend.deals.statuses import LOCKED
from backend.documents import service as documents
from backend.documents.service import Draft
from backend.http.etag import stale
from backend.http.faults import find_faults, look
from backend.http.problems import FieldError, Problem, not_found
from backend.ids import uuid7

KIND = "customer"
ROW = "id, rev, title, created_at, changed_at, CAST(body AS text) AS body"
# Below this share of its pieces a query and a customer have only letters in common.
NEAR = 0.4
IMPORT_COLUMNS = (
    *("kind", "first_name", "middle_name", "last_name", "company", "mobile", "home_phone", "work_phone", "email"),
    *("street", "unit", "city", "county", "state", "zip", "vin", "model_year", "make", "model"),
)
IMPORT_ROWS = 5000
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def seen(name: str) -> bool:
    """Whether anything of a name is seen: a blank is not, nor is a character without width."""
    return any(letter.isprintable() and not letter.isspace() for letter in name)


def name_of(body: CustomerBody) -> str:
    """The name in lists."""
    person = " ".join(part for part in (body.first_name, body.middle_name, body.last_name) if part.strip())
    return body.company if body.kind == "business" and body.company.strip() else person or body.company


def faults(body: CustomerBody) -> list[FieldError]:
    """What the shape alone does not say."""
    out: list[FieldError] = []
    if body.kind == "business" and not seen(body.company):
        out.append(FieldError("company", "missing", "a business has a company name"))
    if body.kind == "person" and not (seen(body.first_name) or seen(body.last_name)):
        out.append(FieldError("last_name", "missing", "a person has a first or a last name"))
    look(body, "", out)
    for name in ("contacts", "addresses", "vehicles", "consents", "notes"):
        ids = [item.id for item in getattr(body, name)]
        if len(ids) != len(set(ids)):
            out.append(FieldError(name, "same_id", "each entry of a list has an id of its own"))
    return out


def check(body: CustomerBody) -> None:
    """Refuse with all faults at once."""
    found = faults(body)
    if found:
        raise Problem(422, "invalid_input", "Some of the input is not accepted.", found)


def draft(customer: uuid.UUID, body: CustomerBody, *, deleted: bool = False) -> Draft:
    """A customer as the document that is stored."""
    return Draft(
        id=customer,
        kind=KIND,
        schema_version=SCHEMA_VERSION,
        body=msgspec.json.encode(body),
        title=name_of(body),
        status="deleted" if deleted else "active",
        deleted=deleted,
        terms=[] if deleted else search.terms(body),
    )


def plain_body(body: CustomerBody) -> CustomerBody:
    """Without the id that a creating request may carry."""
    return msgspec.convert(
        {name: getattr(body, name) for name in CustomerBody.__struct_fields__}, CustomerBody, from_attributes=True
    )


def shown(row: Any) -> Customer:
    """A row as a customer."""
    return Customer(
        id=row.id,
        rev=row.rev,
        name=row.title,
        created_at=row.created_at,
        changed_at=row.changed_at,
        customer=msgspec.json.decode(row.body, type=CustomerBody),
    )


def line(row: Any) -> CustomerLine:
    """A row as a line of a list."""
    body = msgspec.json.decode(row.body, type=CustomerBody)
    phones = [c.value for c in sorted(body.contacts, key=lambda c: not c.preferred) if c.kind != "email"]
    emails = [c.value for c in sorted(body.contacts, key=lambda c: not c.preferred) if c.kind == "email"]
    home = body.addresses[0] if body.addresses else None
    return CustomerLine(
        id=row.id,
        rev=row.rev,
        name=row.title,
        kind=body.kind,
        phone=phones[0] if phones else None,
        email=emails[0] if emails else None,
        city=home.city if home else None,
        state=home.state if home else None,
        changed_at=row.changed_at,
    )


async def find(work: Work, principal: Principal, customer: uuid.UUID, *, lock: bool = False) -> Any:
    """A customer that is there."""
    row = (
        await work.execute(
            sql(
                f"SELECT {ROW} FROM documents WHERE tenant_id = :tenant AND id = :id AND kind = 'customer'"
                f" AND NOT deleted{' FOR UPDATE' if lock else ''}"
            ),
            {"tenant": principal.tenant_id, "id": customer},
        )
    ).one_or_none()
    if row is None:
        raise not_found()
    return row


async def listed(
    work: Work, principal: Principal, after: tuple[datetime, uuid.UUID] | None, down: bool, limit: int
) -> list[Any]:
    """Customers by the time they were first written: an order in which nothing ever moves."""
    way, sign = ("DESC", "<") if down else ("ASC", ">")
    rows = await work.execute(
        sql(
            f"""
            SELECT {ROW} FROM documents WHERE tenant_id = :tenant AND kind = 'customer' AND NOT deleted
              AND (CAST(:at AS timestamptz) IS NULL OR (created_at, id) {sign} (:at, CAST(:id AS uuid)))
            ORDER BY created_at {way}, id {way} LIMIT :limit
            """
        ),
        {
            "tenant": principal.tenant_id,
            "at": after[0] if after else None,
            "id": after[1] if after else None,
            "limit": limit,
        },
    )
    return list(rows.all())


NEAR_ONE = f"""
    WITH near AS (
        SELECT doc_id, CAST(count(*) AS double precision) / CAST(:pieces AS integer) AS score FROM search_terms
        WHERE tenant_id = :tenant AND term = ANY(CAST(:terms AS text[]))
        GROUP BY doc_id ORDER BY score DESC, doc_id LIMIT 200
    )
    SELECT near.score, {ROW} FROM near JOIN documents ON documents.tenant_id = :tenant AND id = near.doc_id
    WHERE score >= :near AND NOT deleted
"""
NEAR_MANY = f"""
    WITH hits AS (
        SELECT doc_id, left(term, 1) AS kind, count(*) AS pieces FROM search_terms
        WHERE tenant_id = :tenant AND term = ANY(CAST(:terms AS text[])) GROUP BY doc_id, left(term, 1)
    ), near AS (
        SELECT doc_id, max(CAST(pieces AS double precision) / asked.of) AS score
        FROM hits JOIN unnest(CAST(:kinds AS text[]), CAST(:counts AS integer[])) AS asked (kind, of) USING (kind)
        GROUP BY doc_id ORDER BY score DESC, doc_id LIMIT 200
    )
    SELECT near.score, {ROW} FROM near JOIN documents ON documents.tenant_id = :tenant AND id = near.doc_id
    WHERE score >= :near AND NOT deleted
"""


def searching(asked: str) -> tuple[TextClause, dict[str, Any]]:
    """The statement that finds those near a query, and its values but for the tenant."""
    kinds = search.query(asked)
    values: dict[str, Any] = {"terms": sorted(term for one in kinds.values() for term in one), "near": NEAR}
    # One kind is the usual case and needs no second look at each piece.
    if len(kinds) == 1:
        return text(NEAR_ONE), {**values, "pieces": len(next(iter(kinds.values())))}
    return text(NEAR_MANY), {**values, "kinds": list(kinds), "counts": [len(one) for one in kinds.values()]}


async def found(work: Work, principal: Principal, asked: str, limit: int) -> list[Any]:
    """Customers near a query, nearest first."""
    if not search.query(asked):
        return []
    statement, values = searching(asked)
    rows = await work.execute(statement, {"tenant": principal.tenant_id, **values})
    named = set(search.words(asked))

    def order(row: Row[Any]) -> tuple[float, float, str]:
        own = set(search.words(row.title))
        return -row.score, -len(named & own) / (len(named | own) or 1), row.title

    return sorted(rows.all(), key=order)[:limit]


async def duplicates(session: AsyncSession, principal: Principal, limit: int) -> list[Duplicates]:
    """Customers that share an e-mail, a number, a VIN or their whole name."""
    out: list[Duplicates] = []
    for letter, by in (("E", "email"), ("P", "phone"), ("V", "vin"), ("N", "name")):
        rows = await session.execute(
            text(
                """
                SELECT term, (array_agg(doc_id ORDER BY doc_id))[1:10] AS ids FROM search_terms
                WHERE tenant_id = :tenant AND term >= :first AND term < :last
                GROUP BY term HAVING count(*) > 1 ORDER BY term LIMIT :limit
                """
            ),
            {"tenant": principal.tenant_id, "first": letter, "last": chr(ord(letter) + 1), "limit": limit - len(out)},
        )
        for row in rows.all():
            same = await session.execute(
                text(f"SELECT {ROW} FROM documents WHERE tenant_id = :tenant AND id = ANY(CAST(:ids AS uuid[]))"),
                {"tenant": principal.tenant_id, "ids": row.ids},
            )
            customers = [line(one) for one in same]
            out.append(msgspec.convert({"by": by, "value": row.term[1:], "customers": customers}, Duplicates))
    return out


async def merge(
    session: AsyncSession, principal: Principal, customer: uuid.UUID, rev: int, other: uuid.UUID, other_rev: int
) -> Row[Any]:
    """Take everything of another customer over, point its deals here, and leave a mark where it was."""
    if customer == other:
        raise Problem(409, "same_customer", "A customer cannot be merged with itself.")
    first, second = sorted((customer, other))
    rows = {one: await find(session, principal, one, lock=True) for one in (first, second)}
    if rows[customer].rev != rev or rows[other].rev != other_rev:
        raise stale()
    kept = shown(rows[customer]).customer
    gone = shown(rows[other]).customer
    for name in ("contacts", "addresses", "vehicles", "consents", "notes"):
        mine: list[Any] = list(getattr(kept, name))
        ids = {item.id for item in mine}
        known = {_content(item) for item in mine}
        for item in getattr(gone, name):
            if _content(item) in known:
                continue
            mine.append(item if item.id not in ids else msgspec.structs.replace(item, id=str(uuid7())))
        setattr(kept, name, mine)
    for name in ("first_name", "middle_name", "last_name", "company"):
        setattr(kept, name, getattr(kept, name) or getattr(gone, name))
    _check_lengths(kept)
    who = Who.of(principal)
    events: list[Event] = []
    await documents.update(session, principal, draft(customer, kept), rev)
    events.append(event(who, "customer.merge", KIND, customer, {"other": str(other)}))
    deals = await session.execute(
        text(
            """
            UPDATE documents SET customer_id = :customer, rev = rev + 1, changed_at = now(), changed_by = :by,
                body = CASE WHEN status = ANY(CAST(:signed AS text[])) THEN body
                    ELSE CAST(replace(CAST(body AS text), CAST(:old AS text), CAST(:new AS text)) AS jsonb) END
            WHERE tenant_id = :tenant AND kind = 'deal' AND customer_id = :other RETURNING id
            """
        ),
        {
            "tenant": principal.tenant_id,
            "by": principal.user_id,
            "customer": customer,
            "other": other,
            # What was signed stays as it is; only where it is listed moves.
            "signed": sorted(LOCKED),
            "old": f'"{other}"',
            "new": f'"{customer}"',
        },
    )
    events += [event(who, "deal.customer_merged", "deal", row.id) for row in deals]
    await documents.update(session, principal, draft(other, CustomerBody(), deleted=True), other_rev)
    events.append(event(who, "customer.merged_away", KIND, other, {"into": str(customer)}))
    merged = await find(session, principal, customer)
    await documents.end_many(session, principal, events)
    return merged


def _content(item: Any) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(item, id=""))


def _check_lengths(body: CustomerBody) -> None:
    found = find_faults(msgspec.json.encode(body), CustomerBody)
    if isinstance(found, list) and found:
        raise Problem(409, "too_much", "Together they have more entries than one customer can hold.", found)


async def remove(session: AsyncSession, principal: Principal, customer: uuid.UUID, rev: int) -> None:
    """Leave a mark without content; a customer with deals stays."""
    row = await find(session, principal, customer, lock=True)
    if row.rev != rev:
        raise stale()
    deals = await session.execute(
        text(
            "SELECT 1 FROM documents WHERE tenant_id = :tenant AND customer_id = :id AND kind = 'deal'"
            " AND NOT deleted LIMIT 1"
        ),
        {"tenant": principal.tenant_id, "id": customer},
    )
    if deals.one_or_none() is not None:
        raise Problem(409, "has_deals", "This customer has deals; they must be deleted first.")
    await documents.replace(session, principal, draft(customer, CustomerBody(), deleted=True), rev, "delete")


async def bring_in(session: AsyncSession, principal: Principal, raw: bytes, preview: bool) -> ImportReport:
    """Read a CSV file; each row becomes a customer, or its report says why not."""
    try:
        table = csv.DictReader(io.StringIO(raw.decode("utf-8-sig")), strict=True)
        columns = table.fieldnames or []
        rows = list(table)
    except (UnicodeDecodeError, csv.Error) as error:
        raise Problem(400, "malformed_csv", f"The body is not a CSV file in UTF-8: {str(error)[:200]}.") from error
    unknown = [column for column in columns if column not in IMPORT_COLUMNS]
    twice = sorted({str(column) for column in columns if columns.count(column) > 1})
    if unknown or twice or not columns:
        accepted = ", ".join(IMPORT_COLUMNS)
        wrong = [FieldError(str(column)[:100], "unknown_column", f"accepted: {accepted}") for column in unknown]
        wrong += [FieldError(column[:100], "repeated_column", "accepted: each column once") for column in twice]
        raise Problem(422, "invalid_input", f"The first line must name columns out of: {accepted}.", wrong)
    if len(rows) > IMPORT_ROWS:
        raise Problem(422, "too_many_rows", f"A file has at most {IMPORT_ROWS} rows; divide it.")
    bodies = [_from_row(row) for row in rows]
    taken = await _known(session, principal, [body for body, _ in bodies])
    reports: list[RowReport] = []
    events: list[Event] = []
    for number, (body, wrong) in enumerate(bodies, 1):
        name = "".join(c for c in name_of(body) if c >= " ")[:200]
        if wrong:
            reports.append(RowReport(row=number, outcome="invalid", name=name, errors=wrong))
            continue
        own = _whole(search.terms(body))
        same = next((taken[term] for term in own if term in taken), None)
        if same is not None:
            reports.append(RowReport(row=number, outcome="duplicate", name=name, duplicate_of=same))
            continue
        customer = uuid7()
        taken |= dict.fromkeys(own, customer)
        reports.append(RowReport(row=number, outcome="new", name=name, customer_id=None if preview else customer))
        if not preview:
            await documents.insert(session, principal, draft(customer, body))
            events.append(event(Who.of(principal), "customer.import", KIND, customer))
    if events:
        await documents.end_many(session, principal, events)
    count = {
        outcome: sum(1 for one in reports if one.outcome == outcome) for outcome in ("new", "duplicate", "invalid")
    }
    return ImportReport(preview=preview, rows=reports, **count)


def _whole(terms: list[str]) -> list[str]:
    """Whole e-mails, numbers and VINs; a shared name alone makes no duplicate."""
    return [term for term in terms if term[0] in "EPV"]


async def _known(session: AsyncSession, principal: Principal, bodies: list[CustomerBody]) -> dict[str, uuid.UUID]:
    wanted = sorted({term for body in bodies for term in _whole(search.terms(body))})
    rows = await session.execute(
        text(
            "SELECT term, doc_id FROM search_terms WHERE tenant_id = :tenant AND term = ANY(CAST(:terms AS text[]))"
            " ORDER BY doc_id DESC"
        ),
        {"tenant": principal.tenant_id, "terms": wanted},
    )
    return {row.term: row.doc_id for row in rows}


def _from_row(row: dict[str | None, Any]) -> tuple[CustomerBody, list[str]]:
    """A row as a customer, and what is wrong with it."""
    if None in row or any(value is None for value in row.values()):
        return CustomerBody(), ["the row has another number of columns than the first line"]
    cell = {str(name): str(value).strip() for name, value in row.items() if str(value).strip()}
    contacts = [
        {"id": name, "kind": kind, "value": cell[name]}
        for name, kind in (("mobile", "mobile"), ("home_phone", "home"), ("work_phone", "work"), ("email", "email"))
        if name in cell
    ]
    address = {name: cell[name] for name in ("street", "unit", "city", "county", "state", "zip") if name in cell}
    vehicle: dict[str, Any] = {name: cell[name] for name in ("vin", "make", "model") if name in cell}
    if "vin" in vehicle:
        vehicle["vin"] = vehicle["vin"].upper()
    if "model_year" in cell:
        vehicle["model_year"] = int(cell["model_year"]) if cell["model_year"].isdigit() else cell["model_year"]
    names = {name: cell[name] for name in ("first_name", "middle_name", "last_name", "company") if name in cell}
    kind = cell.get("kind", "business" if "company" in names and len(names) == 1 else "person")
    raw: dict[str, Any] = {"kind": kind, **names, "contacts": contacts}
    raw["addresses"] = [{"id": "home", **address}] if address else []
    raw["vehicles"] = [{"id": "vehicle", **vehicle}] if vehicle else []
    encoded = msgspec.json.encode(raw)
    wrong = find_faults(encoded, CustomerBody)
    if isinstance(wrong, Problem):
        return CustomerBody(), [wrong.detail]
    if wrong:
        return CustomerBody(first_name=names.get("first_name", "")), [f"{one.field}: {one.message}" for one in wrong]
    body = msgspec.json.decode(encoded, type=CustomerBody)
    return body, [f"{one.field}: {one.message}" for one in faults(body)]


async def take_out(database: Database, tenant: uuid.UUID, as_csv: bool) -> AsyncGenerator[bytes]:
    """All customers of one moment, as JSON lines or as the CSV that the import reads."""
    async with database.transaction(tenant) as session:
        await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
        rows = await session.stream(
            text(
                f"SELECT {ROW} FROM documents WHERE tenant_id = :tenant AND kind = 'customer' AND NOT deleted"
                " ORDER BY created_at, id"
            ),
            {"tenant": tenant},
        )
        if as_csv:
            yield _csv_line(dict(zip(IMPORT_COLUMNS, IMPORT_COLUMNS, strict=True)))
        async for row in rows:
            customer = shown(row)
            yield _csv_line(_to_row(customer.customer)) if as_csv else msgspec.json.encode(customer) + b"\n"


def _to_row(body: CustomerBody) -> dict[str, str]:
    address = body.addresses[0] if body.addresses else Address(id="none")
    vehicle = body.vehicles[0] if body.vehicles else OwnedVehicle(id="none")

    def contact(kind: str) -> str:
        return next((one.value for one in body.contacts if one.kind == kind), "")

    return {
        "kind": body.kind,
        "first_name": body.first_name,
        "middle_name": body.middle_name,
        "last_name": body.last_name,
        "company": body.company,
        "mobile": contact("mobile"),
        "home_phone": contact("home"),
        "work_phone": contact("work"),
        "email": contact("email"),
        "street": address.street,
        "unit": address.unit,
        "city": address.city,
        "county": address.county,
        "state": address.state or "",
        "zip": address.zip or "",
        "vin": vehicle.vin or "",
        "model_year": str(vehicle.model_year or ""),
        "make": vehicle.make,
        "model": vehicle.model,
    }


def _csv_line(values: dict[str, str]) -> bytes:
    buffer = io.StringIO()
    # A spreadsheet would run a cell that looks like a formula; a leading blank keeps it text, and our import trims it.
    safe = [" " + value if value.startswith(FORMULA) else value for value in (values[c] for c in IMPORT_COLUMNS)]
    csv.writer(buffer).writerow(safe)
    return buffer.getvalue().encode()
