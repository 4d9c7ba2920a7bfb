"""The folder of this machine's data: its lock, its owner's token, and who serves it now."""

import fcntl
import hashlib
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pydantic import BaseModel, ValidationError

from lectern.errors import Busy


class Running(BaseModel):
    """A running `lectern up`, for commands on the same machine. Holds a secret: mode 0600."""

    pid: int
    instance: str
    version: str
    address: str
    internal_url: str
    inbox: str
    web: str = ""

    @property
    def function_url(self) -> str:
        """See `Settings.function_url`."""
        return self.address + "/{function}"


class Home:
    """See the module.

    Args:
        path: The folder; created, for this user only, when it is first needed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()

    @property
    def logs(self) -> Path:
        """Where the processes' logs are."""
        return self.path / "logs"

    @property
    def _running(self) -> Path:
        return self.path / "server.json"

    def create(self) -> None:
        """Make the folder if there is none."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def owner_token_file(self) -> Path:
        """Where the owner's token is."""
        return self.path / "owner-token"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the folder for one `lectern up`; the system lets go of it with the process.

        Raises:
            Busy: Another one holds it.
        """
        self.create()
        with (self.path / "lock").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                running = self.running()
                where = f" at {running.address} (process {running.pid})" if running else ""
                raise Busy(
                    f"another `lectern up` runs on {str(self.path)!r}{where}; "
                    "stop it, or choose another folder with LECTERN_HOME",
                    code="already_running",
                ) from error
            yield

    def owner_token(self) -> str:
        """Return the token of this machine's owner, made once: 160 random bits."""
        self.create()
        path = self.owner_token_file
        if not path.exists():
            draft = self._private_draft("lct_" + secrets.token_hex(20))
            with suppress(FileExistsError):  # somebody was faster: theirs counts
                os.link(draft, path)
            draft.unlink()
        return path.read_text(encoding="utf-8").strip()

    def sign_in_code(self) -> str:
        """Return a new code that signs the owner in to the web UI, once.

        Its digest is the name of a file, which the web UI removes to redeem it; the code itself is
        kept nowhere.
        """
        code = secrets.token_urlsafe(18)
        self._sign_in.mkdir(mode=0o700, exist_ok=True)
        (self._sign_in / hashlib.sha256(code.encode()).hexdigest()).touch(mode=0o600)
        return code

    def forget_sign_in_codes(self) -> None:
        """Make the codes of former runs useless."""
        for file in self._sign_in.glob("*"):
            file.unlink(missing_ok=True)

    @property
    def _sign_in(self) -> Path:
        return self.path / "sign-in"

    def announce(self, running: Running) -> None:
        """Tell commands on this machine where the server is."""
        self._private_draft(running.model_dump_json()).replace(self._running)

    def withdraw(self) -> None:
        """Take back what `announce` said."""
        self._running.unlink(missing_ok=True)

    def running(self) -> Running | None:
        """Return what was announced last; it may have been killed since."""
        try:
            return Running.model_validate_json(self._running.read_bytes())
        except (OSError, ValidationError):
            return None

    def _private_draft(self, text: str) -> Path:
        """Return a new file that only this user can read."""
        descriptor, name = tempfile.mkstemp(dir=self.path, prefix=".draft-")  # mode 0600
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        return Path(name)
