"""Making the demo dealer group, once, in an empty database."""

import asyncio
import random
import secrets
import uuid
from datetime import UTC, datetime, timedelta

import msgspec
from sqlalchemy import text

from backend.audit.record import Who, event
from backend.auth import passwords
from backend.auth.principal import PLATFORM, Principal, Role
from backend.auth.service import add_user
from backend.customers import service as customers
from backend.customers.schemas import CustomerBody
from backend.db.clock import Event, finish
from backend.db.engine import Database
from backend.deals import service as deals
from backend.deals.schemas import DealPut
from backend.demo import people
from backend.demo.data import read
from backend.documents import service as documents
from backend.http.text import StateCode
from backend.ids import uuid7
from backend.tenants.service import make_rows
from pyapp.deal.document import Deal

SEED = 20261125
CUSTOMERS = 200
DEALS = 300
BATCH = 50
STATUSES = (
    *("working",) * 5,
    *("presented",) * 3,
    *("committed", "in_finance", "contracted", "delivered", "funded", "lost"),
)


class Member(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person of the group."""

    account: str
    name: str
    role: Role


class Store(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rooftop."""

    code: str
    name: str
    state: StateCode


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The group of `group.toml`."""

    slug: str
    name: str
    staff: list[Member]
    stores: list[Store]


GROUP = read("group.toml", Group)
WHO = Who(user=None, session=None, address="demo", request_id="")


def make(app_url: str) -> list[str]:
    """Make the group if there is none at all yet; gives the lines to print, passwords among them."""
    return asyncio.run(_make(app_url))


async def _make(app_url: str) -> list[str]:
    database = Database(app_url, pool=1)
    try:
        async with database.transaction(None) as session:
            others = await session.scalar(
                text("SELECT count(*) FROM tenants WHERE id <> :platform"), {"platform": PLATFORM}
            )
        if others:
            return []
        tenant = uuid7()
        lines, staff, stores = await _people(database, tenant)
        made = await _customers(database, staff["manager"])
        await _deals(database, staff, stores, made)
        return lines
    finally:
        await database.close()


async def _people(database: Database, tenant: uuid.UUID) -> tuple[list[str], dict[str, Principal], list[uuid.UUID]]:
    """The group, its stores and one person of each role."""
    lines = [f"Demo dealer group: sign in with dealer group '{GROUP.slug}'. Passwords are shown this once."]
    stores = [uuid7() for _ in GROUP.stores]
    staff: dict[str, Principal] = {}
    async with database.transaction(tenant) as session:
        await make_rows(session, tenant, GROUP.slug, GROUP.name)
        for store, about in zip(stores, GROUP.stores, strict=True):
            await session.execute(
                text(
                    "INSERT INTO rooftops (tenant_id, id, code, name, state)"
                    " VALUES (:tenant, :id, :code, :name, :state)"
                ),
                {"tenant": tenant, "id": store, "code": about.code, "name": about.name, "state": about.state},
            )
        for member in GROUP.staff:
            user, password = uuid7(), secrets.token_urlsafe(12)
            bound = stores[:1] if member.role in ("sales", "finance") else stores
            password_hash = await passwords.make_hash(password)
            email = f"{member.account}@demo.example.com"
            await add_user(session, tenant, user, email, member.name, member.role, bound, password_hash)
            lines.append(f"  {member.role:<15} {email:<26} {password}")
            staff[member.account] = Principal(
                tenant_id=tenant,
                user_id=user,
                session_id=uuid.UUID(int=0),
                role=member.role,
                rooftop_ids=frozenset(bound),
                address="demo",
                request_id="",
            )
        await finish(session, tenant, event(WHO, "tenant.create", "tenant", tenant))
    async with database.transaction(PLATFORM) as session:
        user, password = uuid7(), secrets.token_urlsafe(12)
        password_hash = await passwords.make_hash(password)
        email = "platform@demo.example.com"
        taken = await session.scalar(
            text("SELECT count(*) FROM users WHERE tenant_id = :platform"), {"platform": PLATFORM}
        )
        if not taken:
            await add_user(session, PLATFORM, user, email, "Pia Platform", "platform_admin", [], password_hash)
            lines.append(f"  {'platform_admin':<15} {email:<26} {password}  (dealer group 'platform')")
        await finish(session, PLATFORM, event(WHO, "user.create", "user", user))
    return lines, staff, stores


async def _customers(database: Database, manager: Principal) -> list[tuple[uuid.UUID, int, str]]:
    """Customers with the place of each."""
    dice = random.Random(SEED)  # noqa: S311 - made-up people, nothing secret
    out: list[tuple[uuid.UUID, int, str]] = []
    for start in range(0, CUSTOMERS, BATCH):
        async with database.transaction(manager.tenant_id) as session:
            events: list[Event] = []
            for number in range(start, start + BATCH):
                raw, at = people.customer(dice, number)
                body = msgspec.convert(raw, CustomerBody)
                customers.check(body)
                customer = uuid7()
                await documents.insert(session, manager, customers.draft(customer, body))
                events.append(event(Who.of(manager), "customer.create", "customer", customer))
                out.append((customer, at, customers.name_of(body)))
            await documents.end_many(session, manager, events)
    return out


async def _deals(
    database: Database,
    staff: dict[str, Principal],
    stores: list[uuid.UUID],
    made: list[tuple[uuid.UUID, int, str]],
) -> None:
    """Deals of the last weeks, each through the same door as one from a screen."""
    dice = random.Random(SEED + 1)  # noqa: S311 - made-up deals, nothing secret
    today = datetime.now(UTC).date()
    tenant = staff["admin"].tenant_id
    for _start in range(0, DEALS, BATCH):
        async with database.transaction(tenant) as session:
            events: list[Event] = []
            for _ in range(BATCH):
                customer, at, name = dice.choice(made)
                seller = staff["sales"] if dice.random() < 0.6 else staff["manager"]
                store = stores[0] if seller is staff["sales"] else dice.choice(stores)
                day = (today - timedelta(days=dice.randrange(21))).isoformat()
                raw = people.deal(dice, at, day)
                raw |= {
                    "rooftop_id": str(store),
                    "parties": [{"id": "buyer", "customer_id": str(customer), "name": name}],
                }
                deal_id = uuid7()
                given = DealPut(deal=msgspec.convert(raw, Deal))
                draft, _ = await deals.prepare(session, seller, deal_id, given, None)
                status = dice.choice(STATUSES) if draft.total is not None else "working"
                draft.status = status
                body = msgspec.json.decode(draft.body, type=deals.Stored)
                body.deal.status = status
                draft.body = msgspec.json.encode(body)
                await documents.insert(session, seller, draft)
                events.append(event(Who.of(seller), "deal.create", "deal", deal_id, {"status": status}))
            await documents.end_many(session, staff["manager"], events)
