"""`backup` and `restore`: PostgreSQL's own dump, of one moment, in its compressed format."""

import asyncio
import os
import re
import shutil
import subprocess
import uuid
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sqlalchemy import text

from backend.cli.database import Urls
from backend.cli.errors import CommandError
from backend.db.engine import make_engine, tenant_statement


def _program(urls: Urls, name: str) -> str:
    found = str(Path(urls.programs) / name) if urls.programs else shutil.which(name)
    if found is None:
        raise CommandError(f"{name} is not installed; install PostgreSQL's client programs, version 18 or later.")
    return found


def _run(command: list[str], url: str, what: str) -> None:
    """Run one of PostgreSQL's programs; the password goes by its environment, where others do not see it."""
    parts = urlsplit(url)
    bare = parts._replace(netloc=re.sub(r":[^@]*@", "@", parts.netloc)).geturl()
    own = {"PGPASSWORD": unquote(parts.password)} if parts.password else {}
    told = [*command[:1], f"--dbname={bare}", *command[1:]]
    done = subprocess.run(told, cwd="/", env={**os.environ, **own}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CommandError(f"The {what} failed: {done.stderr.strip()[-400:]}")


def backup(urls: Urls, file: Path) -> str:
    """Write everything to a file; the role must be allowed to read past row-level security."""
    if file.exists():
        raise CommandError(f"{file} is there already; choose another name.")
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)
    # All that the customers told is in it: nobody else on this machine reads it.
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        _run(
            [_program(urls, "pg_dump"), "--format=custom", f"--file={part.absolute()}"],
            urls.dump or urls.needs_owner(),
            "backup",
        )
        part.rename(file)
    finally:
        part.unlink(missing_ok=True)
    return f"Written to {file}, {file.stat().st_size} bytes. Keep SECRET_KEY apart from it: both are needed to restore."


def restore(urls: Urls, file: Path) -> str:
    """Fill an empty database from a file, and begin a new epoch: clients must not trust what they saw before."""
    if not file.is_file():
        raise CommandError(f"{file} is not there.")
    groups = asyncio.run(_restore(urls, str(file.absolute())))
    return f"Restored {groups} dealer groups from {file}."


async def _restore(urls: Urls, file: str) -> int:
    engine = make_engine(urls.needs_owner(), pool=1, name="autolytiq-restore", patient=True)
    try:
        async with engine.connect() as connection:
            count = await connection.scalar(
                text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename = 'tenants'")
            )
        if count:
            raise CommandError("The database is not empty; restore into a new one.")
        _run(
            [_program(urls, "pg_restore"), "--exit-on-error", "--single-transaction", file],
            urls.dump or urls.needs_owner(),
            "restore",
        )
        async with engine.begin() as connection:
            tenants = (await connection.execute(text("SELECT id FROM tenants"))).all()
            for tenant in tenants:
                await connection.exec_driver_sql(tenant_statement(tenant.id))
                await connection.execute(
                    text("UPDATE tenant_clock SET epoch = :epoch WHERE tenant_id = :tenant"),
                    {"epoch": uuid.uuid4(), "tenant": tenant.id},
                )
    finally:
        await engine.dispose()
    return len(tenants)
