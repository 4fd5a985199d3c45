#!/usr/bin/env python3
"""Makes the secrets of deploy/compose.yaml, each once: `python3 deploy/make_secrets.py [FOLDER]`.

A file that is there is kept. The folder is closed to others; its files can be read by whoever is inside, because a
container's user is another one than who made them.
"""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

DATABASE = "database:5432/autolytiq"
ROLES = {"database_url": "app", "database_owner_url": "owner", "database_backup_url": "backup"}
RANDOM = ("postgres_password", *(f"{role}_password" for role in ROLES.values()), "secret_key", "metrics_token")


def keep(folder: Path, name: str, value: str) -> str:
    """Write a secret unless it is there; the one that counts comes back."""
    path = folder / name
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
    except FileExistsError:
        print(f"kept {path}")
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(value)
    path.chmod(0o644)
    print(f"made {path}")
    return value


def main(arguments: list[str]) -> None:
    """All secrets, into the folder given or the one beside this file."""
    folder = Path(arguments[0]) if arguments else Path(__file__).resolve().parent / "secrets"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    made = {name: keep(folder, name, secrets.token_urlsafe(48)) for name in RANDOM}
    for name, role in ROLES.items():
        keep(folder, name, f"postgresql://autolytiq_{role}:{made[f'{role}_password']}@{DATABASE}")


if __name__ == "__main__":
    main(sys.argv[1:])
