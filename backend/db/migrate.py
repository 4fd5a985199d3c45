"""`migrate`: bring a database to the schema of this version, with the owner's role."""

import asyncio
from pathlib import Path
from urllib.parse import unquote, urlsplit

import asyncpg
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from backend.db.engine import make_engine

FOLDER = Path(__file__).resolve().parent / "migrations"
HEAD = "0001"
"""The newest migration; a test holds it to the folder's."""
ROLE_RIGHTS = "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE"


class MigrationError(Exception):
    """The database cannot be migrated as things are; one sentence."""


def migrate(owner_url: str, app_url: str) -> None:
    """Apply all migrations; makes the application's role when it is not there."""
    asyncio.run(_migrate(owner_url, app_url))


def role_fault(app_url: str) -> str | None:
    """Why the application must not work with this role, if so; nothing is said of a database that does not answer."""

    async def ask() -> str | None:
        engine = make_engine(app_url, pool=1, name="autolytiq-check")
        try:
            async with engine.connect() as connection:
                row = (await connection.execute(ROLE)).one()
        except (OSError, DBAPIError, TimeoutError, asyncpg.PostgresError):
            return None
        finally:
            await engine.dispose()
        if row.bypasses:
            return f"The role {row.name} of DATABASE_URL bypasses row-level security; use one that does not."
        if row.owns:
            return f"The role {row.name} of DATABASE_URL owns tables; use one that owns nothing."
        return None

    return asyncio.run(ask())


ROLE = text(
    "SELECT rolname AS name, rolsuper OR rolbypassrls AS bypasses, EXISTS (SELECT FROM pg_class c JOIN pg_namespace n"
    " ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND pg_has_role(r.oid, c.relowner, 'USAGE')) AS owns"
    " FROM pg_roles r WHERE rolname = current_user"
)


async def _migrate(owner_url: str, app_url: str) -> None:
    app, owner = urlsplit(app_url), urlsplit(owner_url)
    if not app.username or not owner.username:
        raise MigrationError("DATABASE_URL and DATABASE_OWNER_URL must both name a role.")
    if app.username == owner.username:
        raise MigrationError("DATABASE_URL and DATABASE_OWNER_URL must name two roles: the application owns nothing.")
    role = unquote(app.username)
    engine = make_engine(owner_url, pool=1, name="autolytiq-migrate", patient=True)
    try:
        async with engine.connect() as connection:
            found = await connection.scalar(
                text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = :name"), {"name": role}
            )
            if found:
                raise MigrationError(f"The role {role} bypasses row-level security; the application must not.")
            if found is None:
                quoted = role.replace('"', '""')
                password = unquote(app.password or "").replace("'", "''")
                await connection.execute(text(f"CREATE ROLE \"{quoted}\" {ROLE_RIGHTS} PASSWORD '{password}'"))
            await connection.commit()
            await connection.run_sync(_upgrade, role)
            await connection.commit()
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, app_role: str) -> None:
    known = connection.scalar(text("SELECT to_regclass('alembic_version') IS NOT NULL"))
    if known and connection.scalar(text("SELECT version_num FROM alembic_version")) == HEAD:
        return
    # Loaded only for this: workers would carry it along.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    config.attributes["app_role"] = app_role
    command.upgrade(config, "head")
