"""`distribute`: what turns the migrated schema into Citus distributed tables, all by tenant."""

import asyncio

from sqlalchemy import text

from backend.cli.database import Urls
from backend.cli.errors import CommandError
from backend.db.engine import make_engine

TABLES_WITHOUT_TENANT = ("tenants", "signing_keys", "alembic_version")


async def statements(owner_url: str) -> list[str]:
    """In the order in which Citus takes them: what is referred to first."""
    engine = make_engine(owner_url, pool=1, name="autolytiq-distribute")
    try:
        async with engine.connect() as connection:
            tables = (
                await connection.execute(
                    text(
                        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                        " WHERE n.nspname = 'public' AND c.relkind = 'r' ORDER BY c.oid"
                    )
                )
            ).scalars()
            out = [
                "CREATE EXTENSION IF NOT EXISTS citus;",
                "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET citus.propagate_set_commands = %L',"
                " current_database(), 'local'); END $$;",
            ]
            names = list(tables)
    finally:
        await engine.dispose()
    out += [f"SELECT create_reference_table('{name}');" for name in names if name == "tenants"]
    first: str | None = None
    for name in names:
        if name in TABLES_WITHOUT_TENANT:
            continue
        together = f", colocate_with => '{first}'" if first else ""
        out.append(f"SELECT create_distributed_table('{name}', 'tenant_id'{together});")
        first = first or name
    return out


def distribute(urls: Urls, apply: bool) -> str:
    """Print the statements, or run them one after the other."""

    async def run() -> str:
        owner = urls.needs_owner()
        wanted = await statements(owner)
        if not apply:
            return "\n".join(wanted)
        engine = make_engine(owner, pool=1, name="autolytiq-distribute", patient=True)
        try:
            async with engine.connect() as connection:
                offered = await connection.scalar(
                    text("SELECT count(*) FROM pg_available_extensions WHERE name = 'citus'")
                )
                if not offered:
                    raise CommandError(
                        "This PostgreSQL has no Citus extension; without --apply the statements are printed."
                    )
                await connection.rollback()
                raw = await connection.execution_options(isolation_level="AUTOCOMMIT")
                for statement in wanted:
                    await raw.exec_driver_sql(statement)
        finally:
            await engine.dispose()
        return f"{len(wanted)} statements were applied."

    return asyncio.run(run())
