"""The whole of Lectern as subprocesses, one for all browser tests, with people who use it.

The chat model and the OpenID provider are ours, in this very process; nothing leaves loopback. All
tests share one instance: whoever makes a person, a collection or a group takes a name of their own.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from lectern.api import UserRequest
from lectern.client import Lectern
from lectern.local.home import Home
from lectern.local.web import sign_in_link
from tests.e2e.lectern_up import LecternUp, lectern_up
from tests.provider.chat import Script, ScriptedChat
from tests.provider.oidc import CLIENT_ID, CLIENT_SECRET, OidcProvider

PASSWORD = "nine quiet herons"
ADMIN_GROUP = "lectern-admins"
DOMAIN = "example.com"


@dataclass(frozen=True)
class Person:
    """Somebody with a password of their own."""

    name: str
    user_id: str
    token: str
    function_url: str

    def lectern(self) -> Lectern:
        """Return Lectern as this person sees it; close it."""
        return Lectern(self.function_url, self.token)


@dataclass(frozen=True)
class Stack:
    """What runs, what its model will say, and who its provider knows."""

    up: LecternUp
    model: ScriptedChat
    provider: OidcProvider

    @property
    def web(self) -> str:
        """Address of the web UI."""
        return self.up.running.web

    @property
    def owner_link(self) -> str:
        """A link that signs the owner in, once."""
        return sign_in_link(Home(self.up.home), self.web)

    def person(self, name: str, *, is_admin: bool = False) -> Person:
        """Make somebody who has chosen `PASSWORD`; the name must be new."""
        with self.up.client() as owner:
            made = owner.users.create(UserRequest(name=name, is_admin=is_admin))
        given = made.temporary_password or ""
        with Lectern(self.up.function_url) as nobody:
            token = nobody.account.login(name, given).token
        person = Person(name, made.user_id, token, self.up.function_url)
        with person.lectern() as lectern:
            lectern.account.change_password(given, PASSWORD)
        return person


@contextmanager
def running_stack(folder: Path) -> Iterator[Stack]:
    """Start everything, and stop it in the end."""
    with ExitStack() as stack:
        model = stack.enter_context(ScriptedChat(Script()).running())
        provider = stack.enter_context(OidcProvider().running())
        environment = {
            "LECTERN_WEB": "true",
            "LECTERN_WEB_PORT": "0",
            "LECTERN_UNDO_S": "60",
            "LECTERN_CHAT_URL": model.url,
            "LECTERN_CHAT_MODEL": "scripted",
            "LECTERN_URL_INGESTION_ALLOWED_NETWORKS": "127.0.0.1/32",
            "LECTERN_OIDC_ISSUER": provider.issuer,
            "LECTERN_OIDC_CLIENT_ID": CLIENT_ID,
            "LECTERN_OIDC_CLIENT_SECRET": CLIENT_SECRET,
            "LECTERN_OIDC_ADMIN_GROUP": ADMIN_GROUP,
            "LECTERN_OIDC_ALLOWED_DOMAINS": DOMAIN,
        }
        up = stack.enter_context(lectern_up(folder / "home", environment))
        yield Stack(up, model, provider)
