"""`admin`: what is done at the machine itself, such as the first admin."""

import asyncio
import getpass
import secrets
import sys

from sqlalchemy import text

from backend.audit.record import Who, event
from backend.auth import passwords
from backend.auth.keys import KeyRing
from backend.auth.principal import PLATFORM
from backend.auth.sealing import Sealer
from backend.auth.service import add_user
from backend.cli.database import Urls
from backend.cli.errors import CommandError
from backend.db.clock import finish
from backend.db.engine import TENANT, Database, make_engine, tenant_statement
from backend.ids import uuid7

AT_MACHINE = Who(user=None, session=None, address="command line", request_id="")


def create(urls: Urls, email: str, name: str, password_stdin: bool) -> str:
    """A platform admin, with a password from standard input, from a prompt, or made here and shown once."""
    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    elif sys.stdin.isatty():
        password = getpass.getpass("Password (empty: one is made and shown once): ")
    else:
        password = ""
    made = not password
    password = password or secrets.token_urlsafe(18)
    passwords.check_strength(password, about=[email, name])
    asyncio.run(_create(urls.app, email, name, password))
    told = f"Platform admin {email} was created; sign in with dealer group 'platform'."
    return f"{told}\nPassword, shown this once: {password}" if made else told


async def _create(app_url: str, email: str, name: str, password: str) -> None:
    database = Database(app_url, pool=1)
    try:
        async with database.transaction(PLATFORM) as session:
            user = uuid7()
            password_hash = await passwords.make_hash(password)
            await add_user(session, PLATFORM, user, email, name, "platform_admin", [], password_hash)
            await finish(session, PLATFORM, event(AT_MACHINE, "user.create", "user", user))
    finally:
        await database.close()


def rotate_keys(urls: Urls) -> str:
    """A new signing key; tokens signed before stay valid until they expire."""

    async def run() -> str:
        database = Database(urls.app, pool=1)
        try:
            return await KeyRing(database, Sealer(urls.secret_key)).rotate()
        finally:
            await database.close()

    return f"New access tokens are signed with key {asyncio.run(run())} within a minute; nobody is signed out."


def purge(urls: Urls, slug: str) -> str:
    """Remove the rows of a deleted dealer group, as the role that owns the tables."""

    async def run() -> int:
        engine = make_engine(urls.needs_owner(), pool=1, name="autolytiq-purge", patient=True)
        try:
            async with engine.begin() as connection:
                found = await connection.execute(
                    text("SELECT id, status FROM tenants WHERE slug = :slug"), {"slug": slug}
                )
                row = found.one_or_none()
                if row is None:
                    raise CommandError(f"There is no dealer group {slug!r}.")
                if row.status != "deleted":
                    raise CommandError(f"The dealer group {slug!r} is {row.status}; only a deleted one is purged.")
                await connection.exec_driver_sql(tenant_statement(row.id))
                count = 0
                for table in PURGED:
                    done = await connection.execute(
                        text(f"DELETE FROM {table} WHERE {TENANT} = :tenant"), {"tenant": row.id}
                    )
                    count += done.rowcount
                await connection.execute(text("DELETE FROM tenants WHERE id = :tenant"), {"tenant": row.id})
                return count
        finally:
            await engine.dispose()

    return f"{asyncio.run(run())} rows of {slug} were removed."


# Children before what they refer to.
PURGED = (
    *("audit", "search_terms", "deal_differences", "revisions", "documents", "idempotency", "refresh_tokens"),
    *("sessions", "devices", "invitations", "recovery_codes", "user_rooftops", "users", "rooftops"),
    *("tenant_settings", "tenant_clock"),
)
