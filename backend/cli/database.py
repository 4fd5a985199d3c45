"""The database that a command works on: the configured one, or the embedded one, started for the while if need be."""

from collections.abc import Generator
from contextlib import contextmanager

import msgspec

from backend.cli.errors import CommandError
from backend.db.migrate import migrate
from backend.embedded import APP, OWNER, SUPERUSER, EmbeddedPostgres
from backend.settings import Settings


class Urls(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses of one database for its three kinds of user."""

    app: str
    owner: str | None
    dump: str | None
    """Of a role that may read past row-level security, for backups."""
    secret_key: str
    programs: str | None

    def needs_owner(self) -> str:
        """The owner's address, or a sentence that it is missing."""
        if self.owner is None:
            raise CommandError("DATABASE_OWNER_URL is missing; this command works as the role that owns the tables.")
        return self.owner


@contextmanager
def urls(settings: Settings, *, migrated: bool = True) -> Generator[Urls]:
    """Addresses that work while this is open."""
    if settings.database_url is not None:
        yield Urls(
            app=settings.database_url,
            owner=settings.owner_url,
            dump=settings.owner_url,
            secret_key=settings.secret_key or "",
            programs=None,
        )
        return
    embedded = EmbeddedPostgres(settings.data)
    embedded.join()
    try:
        if migrated:
            migrate(embedded.url(OWNER), embedded.url(APP))
        yield Urls(
            app=embedded.url(APP),
            owner=embedded.url(OWNER),
            dump=embedded.url(SUPERUSER),
            secret_key=settings.secret_key or embedded.secret(),
            programs=str(embedded.bin),
        )
    finally:
        embedded.stop()
