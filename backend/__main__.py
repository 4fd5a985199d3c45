"""`python -m backend COMMAND`."""

import argparse
import sys
from pathlib import Path

import asyncpg
from sqlalchemy.exc import DBAPIError

from backend import logs, serve
from backend.cli import reach
from backend.cli.errors import CommandError
from backend.db.migrate import MigrationError, migrate
from backend.embedded import EmbeddedError
from backend.http.problems import Problem
from backend.settings import Settings, SettingsError, read_settings


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    top = argparse.ArgumentParser(prog="python -m backend", description="The server of Autolytiq.")
    commands = top.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="serve the page and the API; with no DATABASE_URL also a PostgreSQL of its own")
    commands.add_parser("migrate", help="bring the database to this version's schema")
    of_admin = commands.add_parser("admin", help="what is done at the machine itself").add_subparsers(
        dest="action", required=True
    )
    create = of_admin.add_parser("create", help="make a platform admin")
    create.add_argument("--email", required=True)
    create.add_argument("--name", required=True)
    create.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    of_admin.add_parser("rotate-keys", help="sign access tokens with a new key from now on")
    purge = of_admin.add_parser("purge", help="remove the rows of a deleted dealer group")
    purge.add_argument("slug")
    for name, text in (("backup", "write everything to a file"), ("restore", "fill an empty database from a file")):
        commands.add_parser(name, help=text).add_argument("file", type=Path)
    commands.add_parser("verify-audit", help="check every dealer group's audit chain")
    spread = commands.add_parser("distribute", help="print what turns the schema into Citus distributed tables")
    spread.add_argument("--apply", action="store_true", help="run it instead")
    return top


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Run one command other than `serve`."""
    if options.command == "migrate" and settings.database_url is not None:
        if settings.owner_url is None:
            raise CommandError("DATABASE_OWNER_URL is missing; migrations run as the role that owns the tables.")
        reach.check("DATABASE_OWNER_URL", settings.owner_url)
        migrate(settings.owner_url, settings.database_url)
        print("The schema is that of this version.")
        return 0
    # Not at the top: `serve` must say where metrics go before anything that counts is loaded.
    from backend.cli import admin, backup, distribute, verify
    from backend.cli.database import urls

    as_application = options.command == "admin" and options.action != "purge"
    name, url = (
        ("DATABASE_URL", settings.database_url) if as_application else ("DATABASE_OWNER_URL", settings.owner_url)
    )
    if url is not None:
        reach.check(name, url)
    with urls(settings, migrated=options.command != "restore") as found:
        match options.command:
            case "migrate":
                print("The schema is that of this version.")
            case "admin" if options.action == "create":
                print(admin.create(found, options.email, options.name, options.password_stdin))
            case "admin" if options.action == "rotate-keys":
                print(admin.rotate_keys(found))
            case "admin":
                print(admin.purge(found, options.slug))
            case "backup":
                print(backup.backup(found, options.file))
            case "restore":
                print(backup.restore(found, options.file))
            case "distribute":
                print(distribute.distribute(found, options.apply))
            case _:
                seen, faults = verify.verify(found)
                for fault in faults:
                    print(fault.sentence(), file=sys.stderr)
                print(f"{seen} entries were read; {len(faults) or 'no'} chain{'' if len(faults) == 1 else 's'} broken.")
                return 1 if faults else 0
    return 0


def main(arguments: list[str]) -> int:
    """The exit code is 0 for done, 1 for failed, 2 for wrong use."""
    options = parser().parse_args(arguments)
    if options.command == "serve":
        return serve.main()
    try:
        settings = read_settings()
        logs.configure(settings.log_level)
        return run(options, settings)
    except SettingsError as error:
        print(str(error), file=sys.stderr)
        return 2
    except Problem as error:
        told = "; ".join(f"{one.field}: {one.message}" for one in error.errors) or error.detail
        print(told, file=sys.stderr)
        return 1
    except (CommandError, MigrationError, EmbeddedError) as error:
        print(str(error), file=sys.stderr)
        return 1
    except (DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        print(reach.sentence(error), file=sys.stderr)
        return 1
    except OSError as error:
        print(f"This could not be done: {error}.", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
