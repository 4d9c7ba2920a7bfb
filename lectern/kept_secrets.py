"""Secrets of this machine: made once, kept in home with mode 0600."""

import os
import secrets
from pathlib import Path


def kept_secret(path: Path) -> bytes:
    """Return the secret at `path`, made at the first call.

    Safe to call at once from many processes: all get the same one.
    """
    if not path.exists():
        _make_once(path)
    return path.read_bytes()


def _make_once(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_hex(32).encode())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # unlike a rename, never replaces another process's key
        except FileExistsError:
            return
    finally:
        draft.unlink()
