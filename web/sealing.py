"""The sealed cookie: who the browser is signed in as, in a form it can neither read nor forge."""

import base64
import hashlib
import os
import secrets
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from pydantic import BaseModel, ValidationError

from web.configuration import WebSettings

SESSION_COOKIE = "lectern_session"
VISIT_COOKIE = "lectern_visit"
LANGUAGE_COOKIE = "lectern_language"
DAY_S = 86_400


class Visitor(BaseModel):
    """What a cookie holds.

    Args:
        form: Secret that the forms and requests of this browser repeat (the CSRF token).
        token: Session token, or "" before signing in.
        expires: Unix time after which the cookie counts for nothing, in seconds.
    """

    form: str
    token: str = ""
    expires: int

    @classmethod
    def fresh(cls, *, token: str = "", life_s: float = DAY_S) -> "Visitor":
        """Return a visitor with a new form secret."""
        return cls(form=secrets.token_urlsafe(24), token=token, expires=int(time.time() + life_s))


@dataclass(frozen=True, slots=True)
class Seal:
    """Encrypts and signs visitors.

    Args:
        fernet: With this process's key.
    """

    fernet: Fernet

    def close(self, visitor: Visitor) -> str:
        """Return the visitor as a cookie value."""
        return self.fernet.encrypt(visitor.model_dump_json().encode()).decode()

    def open(self, value: str) -> Visitor | None:
        """Return who a cookie value is, or None if it is forged, damaged or expired."""
        try:
            visitor = Visitor.model_validate_json(self.fernet.decrypt(value.encode()))
        except (InvalidToken, ValidationError, UnicodeEncodeError):
            return None
        return visitor if visitor.expires > time.time() else None


def seal_of(settings: WebSettings) -> Seal:
    """Return the seal of this installation."""
    secret = settings.web_secret.get_secret_value() or _kept_secret(settings.home)
    digest = hashlib.sha256(b"lectern web cookie\0" + secret.encode()).digest()
    return Seal(Fernet(base64.urlsafe_b64encode(digest)))


def _kept_secret(home: Path) -> str:
    """Return the secret in `home`, made once, readable for this user only."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = home / "web-secret"
    if not path.exists():
        descriptor, draft = tempfile.mkstemp(dir=home, prefix=".draft-")  # mode 0600
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
        with suppress(FileExistsError):  # another process was faster: its secret counts
            os.link(draft, path)
        Path(draft).unlink()
    return path.read_text(encoding="ascii").strip()
