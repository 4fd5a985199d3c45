"""Routes of deals."""

import uuid
from datetime import datetime, timedelta
from typing import Annotated, Literal

from litestar import Response, Router, delete, get, post, put
from litestar.datastructures import State
from litestar.params import Parameter
from msgspec import UNSET

from backend.audit.record import ReadLog, Who, event
from backend.auth.principal import TENANT_ROLES, WRITERS, Principal, allow
from backend.db.clock import finish
from backend.db.direct import Direct
from backend.db.rows import values as values_of
from backend.deals import service
from backend.deals.schemas import (
    DealCreate,
    DealHead,
    DealOut,
    DealPut,
    DeskLog,
    Difference,
    PencilCreate,
    StatusChange,
)
from backend.deals.service import Wanted
from backend.deals.statuses import Status
from backend.deps import AnyRequest, By, Session
from backend.documents import service as documents
from backend.documents.service import Revision
from backend.http.etag import expected_rev, has_tag
from backend.http.idempotency import Answer, Finish, once
from backend.http.paging import DEFAULT, FIRST_YEAR, LAST_YEAR, CursorText, Limit, Page, page, unpack
from backend.http.problems import invalid
from backend.http.short import Headers, Sent
from backend.ids import uuid7

READ = [allow(*TENANT_ROLES)]
WRITE = [allow(*WRITERS)]
MANAGE = [allow("tenant_admin", "manager")]
LOG_SPAN = timedelta(days=31)
LOG_ENTRIES = 500
Sort = Literal["created", "-created", "title", "-title", "total", "-total", "changed", "-changed"]
Moment = Annotated[datetime, Parameter(description="RFC 3339, with its offset")]


def answer(body: bytes, rev: int, status: int = 200, headers: dict[str, str] | None = None) -> Response[DealOut]:
    """A deal that is JSON already."""
    tags = {"etag": f'"{rev}"', **(headers or {})}
    return Response(body, status_code=status, media_type="application/json", headers=tags)  # type: ignore[return-value]


def with_offset(moment: datetime, field: str) -> datetime:
    """A moment without its offset names no moment."""
    if moment.tzinfo is None:
        raise invalid(
            f"query.{field}", "no_offset", "a time ends with Z or its offset, such as 2026-11-22T08:00:00-06:00"
        )
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise invalid(f"query.{field}", "out_of_range", f"a time is of the years {FIRST_YEAR} to {LAST_YEAR}")
    return moment


@get("/deals", operation_id="ListDeals", guards=READ)
async def list_deals(
    state: State,
    principal: By,
    status: Status | None = None,
    rooftop_id: uuid.UUID | None = None,
    owner_id: uuid.UUID | None = None,
    customer_id: uuid.UUID | None = None,
    differs: bool | None = None,
    sort: Sort = "-created",
    cursor: CursorText = None,
    limit: Limit = DEFAULT,
) -> Page[DealHead]:
    """List the deals that one sees; by `created` no page skips or repeats one while others write."""
    wanted = Wanted(status=status, rooftop=rooftop_id, owner=owner_id, customer=customer_id, differs=differs)
    _, kind, _ = service.SORTS[sort]
    after = unpack(cursor, tuple[service.KEYS[kind], uuid.UUID])
    direct: Direct = state.direct
    rows = await service.listed(direct.reader(principal.tenant_id), principal, wanted, sort, after, limit + 1)
    shown = page(rows, limit, lambda row: [row.sorted, row.id])
    log: ReadLog = state.reads
    log.note(principal, "deal", [row.id for row in shown.items], "list")
    return Page([service.head(row) for row in shown.items], shown.next)


@post("/deals", operation_id="CreateDeal", guards=WRITE)
async def create_deal(state: State, request: AnyRequest, principal: By, data: DealCreate) -> Response[DealOut]:
    """Add a deal; it is validated and computed here again."""
    deal = uuid7() if data.id is UNSET else data.id
    direct: Direct = state.direct
    async with direct.transaction(principal.tenant_id) as transaction:

        async def work() -> tuple[Answer, Finish]:
            draft, different = await service.prepare(transaction, principal, deal, data, None)
            rev = await documents.insert(transaction, principal, draft)
            await service.note_differences(transaction, principal, draft, rev, different)
            row = await service.find(transaction, principal, deal)
            headers = {"etag": f'"{rev}"', "location": f"/api/v1/deals/{deal}"}
            done = event(Who.of(principal), "deal.create", "deal", deal, service.detail_of(draft, different))
            return Answer(201, headers, service.as_json(row)), lambda: finish(
                transaction, principal.tenant_id, done, document=True
            )

        return await once(request, transaction, principal, work)


async def read_deal(state: State, principal: Principal, deal_id: uuid.UUID, headers: Headers) -> Sent:
    """The answer to GetDeal, on either road."""
    row = await service.read(state.direct, principal, deal_id)
    log: ReadLog = state.reads
    log.note(principal, "deal", [deal_id])
    tag = b'"%d"' % row.rev
    if has_tag(headers.get(b"if-none-match", b""), tag):
        return Sent(304, [(b"etag", tag)], b"")
    body = service.as_json(row)
    kind, size = (b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))
    return Sent(200, [(b"etag", tag), kind, size], body)


@get("/deals/{deal_id:uuid}", operation_id="GetDeal", guards=READ, opt={"short": read_deal})
async def get_deal(state: State, request: AnyRequest, principal: By, deal_id: uuid.UUID) -> Response[DealOut]:
    """Get a deal with what the server computed."""
    sent = await read_deal(state, principal, deal_id, dict(request.scope["headers"]))
    headers = {name.decode(): value.decode() for name, value in sent.headers if name == b"etag"}
    content = sent.body if sent.status == 200 else None
    return Response(content, status_code=sent.status, media_type="application/json", headers=headers)  # type: ignore[return-value]


@put("/deals/{deal_id:uuid}", operation_id="PutDeal", guards=WRITE)
async def put_deal(
    state: State, request: AnyRequest, principal: By, deal_id: uuid.UUID, data: DealPut
) -> Response[DealOut]:
    """Replace a deal; it is validated and computed here again."""
    direct: Direct = state.direct
    async with direct.transaction(principal.tenant_id) as work:
        row = await service.put(work, principal, deal_id, expected_rev(request), data)
    return answer(service.as_json(row), row.rev)


@delete("/deals/{deal_id:uuid}", operation_id="DeleteDeal", guards=MANAGE)
async def delete_deal(request: AnyRequest, session: Session, principal: By, deal_id: uuid.UUID) -> None:
    """Take a deal that is not signed off the desk."""
    await service.remove(session, principal, deal_id, expected_rev(request))


@post("/deals/{deal_id:uuid}/status", operation_id="MoveDeal", status_code=200, guards=WRITE)
async def move_deal(
    state: State, request: AnyRequest, principal: By, deal_id: uuid.UUID, data: StatusChange
) -> Response[DealOut]:
    """Take a deal to its next status."""
    direct: Direct = state.direct
    async with direct.transaction(principal.tenant_id) as work:
        row = await service.move(work, principal, deal_id, expected_rev(request), data.status)
    return answer(service.as_json(row), row.rev)


@post("/deals/{deal_id:uuid}/pencils", operation_id="PencilDeal", guards=WRITE)
async def pencil_deal(
    state: State, request: AnyRequest, principal: By, deal_id: uuid.UUID, data: PencilCreate
) -> Response[DealOut]:
    """Keep the figures of this moment as shown to the customer; they can never be taken back."""
    direct: Direct = state.direct
    async with direct.transaction(principal.tenant_id) as work:
        row = await service.pencil(work, principal, deal_id, expected_rev(request), data)
    return answer(service.as_json(row), row.rev, 201)


@get("/deals/{deal_id:uuid}/revisions", operation_id="ListDealRevisions", guards=READ)
async def deal_revisions(
    state: State, session: Session, principal: By, deal_id: uuid.UUID, cursor: CursorText = None, limit: Limit = DEFAULT
) -> Page[Revision]:
    """List who changed a deal when, latest first."""
    await service.find(session, principal, deal_id)
    state.reads.note(principal, "deal", [deal_id], "history")
    before = unpack(cursor, tuple[int])
    rows = await documents.revisions(session, principal, deal_id, before[0] if before else None, limit + 1)
    return page([Revision(**values_of(row)) for row in rows], limit, lambda one: [one.rev])


@get("/deals/{deal_id:uuid}/differences", operation_id="ListDifferences", guards=READ)
async def deal_differences(state: State, session: Session, principal: By, deal_id: uuid.UUID) -> list[Difference]:
    """List figures that the screen showed otherwise than the server computed them."""
    found = await service.differences(session, principal, deal_id)
    state.reads.note(principal, "deal", [deal_id], "history")
    return found


@get("/desk-log", operation_id="DeskLog", guards=READ)
async def desk_log(
    state: State,
    session: Session,
    principal: By,
    since: Moment,
    until: Moment,
    rooftop_id: uuid.UUID | None = None,
) -> DeskLog:
    """Show the deals touched in a time, such as the dealership's day, latest first."""
    since, until = with_offset(since, "since"), with_offset(until, "until")
    if not timedelta(0) < until - since <= LOG_SPAN:
        raise invalid("query.until", "span", "the log shows up to 31 days, and ends after it begins")
    wanted = Wanted(rooftop=rooftop_id, since=since, until=until)
    rows = await service.listed(session, principal, wanted, "-changed", None, LOG_ENTRIES + 1)
    counted = await service.counts(session, principal, wanted)
    deals = [service.head(row) for row in rows[:LOG_ENTRIES]]
    state.reads.note(principal, "deal", [deal.id for deal in deals], "list")
    return DeskLog(counts=counted, deals=deals, more=len(rows) > LOG_ENTRIES)


deals_router = Router(
    path="/api/v1",
    tags=["deals"],
    route_handlers=[
        list_deals,
        create_deal,
        get_deal,
        put_deal,
        delete_deal,
        move_deal,
        pencil_deal,
        deal_revisions,
        deal_differences,
        desk_log,
    ],
)
