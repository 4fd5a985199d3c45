"""Routes of customers."""

import uuid
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import Response, Router, delete, get, post, put
from litestar.datastructures import State
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import Parameter
from litestar.response import Stream
from msgspec import UNSET

from backend.audit.record import ReadLog, Who, event
from backend.auth.principal import TENANT_ROLES, WRITERS, allow
from backend.customers import service
from backend.customers.schemas import (
    Customer,
    CustomerBody,
    CustomerCreate,
    CustomerLine,
    Duplicates,
    ImportReport,
    Merge,
)
from backend.db.clock import finish
from backend.db.direct import Direct
from backend.db.rows import values as values_of
from backend.deps import AnyRequest, By, Session
from backend.documents import service as documents
from backend.documents.service import Revision
from backend.http.etag import expected_rev, tagged, unchanged
from backend.http.idempotency import Answer, Finish, once
from backend.http.paging import DEFAULT, CursorText, Limit, Page, page, unpack
from backend.http.problems import Problem
from backend.ids import uuid7

READ = [allow(*TENANT_ROLES)]
WRITE = [allow(*WRITERS)]
MANAGE = [allow("tenant_admin", "manager")]
Query = Annotated[
    str | None, Parameter(query="q", min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$", description="search")
]


def reads(state: State) -> ReadLog:
    """Where reads are noted."""
    log: ReadLog = state.reads
    return log


def direct(state: State) -> Direct:
    """The short road, for single statements that only read."""
    road: Direct = state.direct
    return road


@get("/customers", operation_id="ListCustomers", guards=READ)
async def list_customers(
    state: State,
    principal: By,
    q: Query = None,
    sort: Literal["created", "-created"] = "-created",
    cursor: CursorText = None,
    limit: Limit = DEFAULT,
) -> Page[CustomerLine]:
    """List customers, or search them by name, telephone, e-mail or VIN, nearest first."""
    work = direct(state).reader(principal.tenant_id)
    if q is not None:
        near = [service.line(row) for row in await service.found(work, principal, q, limit)]
        reads(state).note(principal, "customer", [one.id for one in near], "search")
        return Page(near, None)
    after = unpack(cursor, tuple[datetime, uuid.UUID])
    rows = await service.listed(work, principal, after, sort == "-created", limit + 1)
    shown = page(rows, limit, lambda row: [row.created_at, row.id])
    lines = [service.line(row) for row in shown.items]
    reads(state).note(principal, "customer", [one.id for one in lines], "list")
    return Page(lines, shown.next)


@post("/customers", operation_id="CreateCustomer", guards=WRITE)
async def create_customer(state: State, request: AnyRequest, principal: By, data: CustomerCreate) -> Response[Customer]:
    """Add a customer."""
    service.check(data)
    customer = uuid7() if data.id is UNSET else data.id
    async with direct(state).transaction(principal.tenant_id) as transaction:

        async def work() -> tuple[Answer, Finish]:
            await documents.insert(transaction, principal, service.draft(customer, service.plain_body(data)))
            made = service.shown(await service.find(transaction, principal, customer))
            headers = {"etag": '"1"', "location": f"/api/v1/customers/{customer}"}
            done = event(Who.of(principal), "customer.create", "customer", customer)
            return Answer(201, headers, msgspec.json.encode(made)), lambda: finish(
                transaction, principal.tenant_id, done, document=True
            )

        return await once(request, transaction, principal, work)


@get("/customers/{customer_id:uuid}", operation_id="GetCustomer", guards=READ)
async def get_customer(state: State, request: AnyRequest, principal: By, customer_id: uuid.UUID) -> Response[Customer]:
    """Get a customer."""
    row = await service.find(direct(state).reader(principal.tenant_id), principal, customer_id)
    reads(state).note(principal, "customer", [customer_id])
    if unchanged(request, row.rev):
        return Response(None, status_code=304, headers={"etag": f'"{row.rev}"'})  # type: ignore[return-value]
    return tagged(service.shown(row), row.rev)


@put("/customers/{customer_id:uuid}", operation_id="PutCustomer", guards=WRITE)
async def put_customer(
    state: State, request: AnyRequest, principal: By, customer_id: uuid.UUID, data: CustomerBody
) -> Response[Customer]:
    """Replace a customer."""
    rev = expected_rev(request)
    async with direct(state).transaction(principal.tenant_id) as work:
        await service.find(work, principal, customer_id)
        service.check(data)
        made = await documents.update(work, principal, service.draft(customer_id, data), rev)
        shown = service.shown(await service.find(work, principal, customer_id))
        done = event(Who.of(principal), "customer.change", "customer", customer_id, {"rev": made})
        await finish(work, principal.tenant_id, done, document=True)
    return tagged(shown, made)


@delete("/customers/{customer_id:uuid}", operation_id="DeleteCustomer", guards=MANAGE)
async def delete_customer(request: AnyRequest, session: Session, principal: By, customer_id: uuid.UUID) -> None:
    """Delete a customer who has no deals."""
    await service.remove(session, principal, customer_id, expected_rev(request))


@get("/customers/{customer_id:uuid}/revisions", operation_id="ListCustomerRevisions", guards=READ)
async def customer_revisions(
    state: State,
    session: Session,
    principal: By,
    customer_id: uuid.UUID,
    cursor: CursorText = None,
    limit: Limit = DEFAULT,
) -> Page[Revision]:
    """List who changed a customer when, latest first."""
    await service.find(session, principal, customer_id)
    reads(state).note(principal, "customer", [customer_id], "history")
    before = unpack(cursor, tuple[int])
    rows = await documents.revisions(session, principal, customer_id, before[0] if before else None, limit + 1)
    return page([Revision(**values_of(row)) for row in rows], limit, lambda one: [one.rev])


@get("/customers/duplicates", operation_id="ListDuplicates", guards=READ)
async def list_duplicates(state: State, session: Session, principal: By, limit: Limit = DEFAULT) -> list[Duplicates]:
    """List customers who look like one and the same."""
    found = await service.duplicates(session, principal, limit)
    reads(state).note(principal, "customer", [one.id for same in found for one in same.customers], "list")
    return found


@post("/customers/{customer_id:uuid}/merge", operation_id="MergeCustomer", status_code=200, guards=MANAGE)
async def merge_customer(
    request: AnyRequest, session: Session, principal: By, customer_id: uuid.UUID, data: Merge
) -> Response[Customer]:
    """Merge another customer into this one; the other's deals become this one's."""
    rev = expected_rev(request)
    row = await service.merge(session, principal, customer_id, rev, data.other_id, data.other_rev)
    return tagged(service.shown(row), row.rev)


@post(
    "/customers/import",
    operation_id="ImportCustomers",
    status_code=200,
    guards=MANAGE,
    responses={200: ResponseSpec(ImportReport, description="what was or would be done, row by row")},
)
async def import_customers(
    request: AnyRequest, session: Session, principal: By, preview: bool = True
) -> Response[ImportReport]:
    """Bring customers in from a CSV file; by default only a preview."""
    if request.content_type[0] != "text/csv":
        raise Problem(415, "unsupported_media_type", "Send the file as text/csv.")
    return Response(await service.bring_in(session, principal, await request.body(), preview))


@get("/customers/export", operation_id="ExportCustomers", guards=MANAGE)
async def export_customers(
    state: State,
    session: Session,
    principal: By,
    as_: Annotated[
        Literal["jsonl", "csv"], Parameter(query="as", description="complete, or for a spreadsheet")
    ] = "jsonl",
) -> Stream:
    """Take all customers out."""
    await finish(session, principal.tenant_id, event(Who.of(principal), "customer.export", "customer", None))
    media = "text/csv" if as_ == "csv" else "application/jsonl"
    headers = {"content-disposition": f'attachment; filename="customers.{as_}"'}
    content = service.take_out(state.database, principal.tenant_id, as_ == "csv")
    return Stream(content, media_type=media, headers=headers)


customers_router = Router(
    path="/api/v1",
    tags=["customers"],
    route_handlers=[
        list_customers,
        create_customer,
        get_customer,
        put_customer,
        delete_customer,
        customer_revisions,
        list_duplicates,
        merge_customer,
        import_customers,
        export_customers,
    ],
)
