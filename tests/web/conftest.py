"""Worlds for the pages, for the routes, and for a browser.

`world` is a real catalog and a real answer function on loopback, with an administrator and a reader
who have signed in; `page_of(world, who)` gives a page of theirs under AppTest; `site` is our own
routes behind the gate, as a browser meets them. `running` is all of Lectern, for `browser`.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import playwright.sync_api
import pytest
from functions_framework import create_app
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server

import web.routes.forms
import web.session
from lectern.api import UserRequest
from lectern.catalog import migrate
from lectern.client import Lectern
from lectern.settings import Settings
from tests.component.event_sink import EventSink
from tests.web.browser import chromium
from tests.web.stack import PASSWORD, Stack, running_stack
from web import configuration, connections
from web.application import middleware, routes
from web.language import LANGUAGE_STATE
from web.sealing import Visitor
from web.session import VISITOR_STATE

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "web" / "page.py"


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """All of Lectern, started once."""
    with running_stack(tmp_path_factory.mktemp("stack")) as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[playwright.sync_api.Browser]:
    """A Chromium; for one module, as its driver's event loop is in the way of other tests."""
    with chromium() as started:
        yield started


@dataclass
class World:
    """The functions on loopback and who has signed in to them."""

    function_url: str
    home: Path
    tokens: dict[str, str] = field(default_factory=dict)

    def lectern(self, who: str = "") -> Lectern:
        """Return Lectern as somebody sees it; "" is a stranger."""
        return Lectern(self.function_url, self.tokens.get(who, ""))


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Start the functions on an empty home with "admin", "reader" and "stranger" in it."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch, EventSink() as sink:
        patch.setenv("LECTERN_HOME", str(home))
        patch.setenv("K_SINK", sink.url)
        server = make_server("127.0.0.1", 0, _not_found, threaded=True)
        url = f"http://127.0.0.1:{server.server_port}/{{function}}"
        patch.setenv("LECTERN_FUNCTION_URL", url)
        patch.setenv("LECTERN_PUBLIC_URL", url)
        migrate(Settings())
        server.app = DispatcherMiddleware(
            _not_found,
            {
                f"/{name}": create_app(name, str(ROOT / "functions" / name / "main.py"))
                for name in ("catalog", "answer")
            },
        )
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        serving.start()
        forget_settings()
        made = World(url, home)
        _people(made)
        yield made
        server.shutdown()
        serving.join()
        server.server_close()
        forget_settings()


def _people(world: World) -> None:
    world.tokens["admin"] = world.lectern().account.setup("admin", PASSWORD).token
    for name in ("reader", "stranger"):
        add_person(world, name)


def add_person(world: World, name: str) -> None:
    """Create somebody who has signed in and can read nothing yet."""
    user = world.lectern("admin").users.create(UserRequest(name=name))
    given = user.temporary_password or ""
    world.tokens[name] = world.lectern().account.login(name, given).token
    world.lectern(name).account.change_password(given, PASSWORD)


def forget_settings() -> None:
    """Let this process's web UI read its settings anew."""
    if connections._pool.cache_info().currsize:
        httpx.HTTPTransport.close(connections._pool())  # clients keep it open, by intention
    for cached in (
        configuration.settings,
        connections._pool,
        web.session._seal,
        web.routes.forms.seal,
    ):
        cached.cache_clear()


def _not_found(_: Mapping[str, Any], start: Callable[..., Any]) -> list[bytes]:
    start("404 Not Found", [("Content-Type", "text/plain")])
    return [b"no such function"]


def page_of(world: World, who: str, page: str = "", *, language: str = "en") -> AppTest:
    """Return a page as somebody sees it, drawn once.

    Args:
        world: Whose functions it talks to.
        who: "admin", "reader", or "" for nobody.
        page: Name in `app_pages/`; "" is the first page.
        language: What the browser prefers.
    """
    at = AppTest.from_file(str(PAGE), default_timeout=60)
    at.context["locale"] = {"en": "en-GB", "ko": "ko-KR"}[language]
    if who:
        at.session_state[VISITOR_STATE] = Visitor.fresh(token=world.tokens[who])
    at.session_state[LANGUAGE_STATE] = language
    at.run()
    if page:
        at.switch_page(f"app_pages/{page}.py").run()
    return at


class Site:
    """Our routes behind the gate, and one browser in front of them.

    Args:
        secure: Whether the browser has come over TLS.
    """

    def __init__(self, *, secure: bool = False) -> None:
        self.origin = "https://testserver" if secure else "http://testserver"
        settings = configuration.settings()
        app = Starlette(
            routes=[*routes(), Route("/{path:path}", _behind), WebSocketRoute("/ws", _socket)],
            middleware=middleware(settings.model_copy(update={"web_host": "0.0.0.0"})),  # noqa: S104
        )
        self.browser = TestClient(app, base_url=self.origin, follow_redirects=False)

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Open an address as a browser does."""
        headers = {"Accept": "text/html"} | options.pop("headers", {})
        return self.browser.get(path, headers=headers, **options)

    def post(self, path: str, fields: Mapping[str, str], **options: Any) -> httpx.Response:
        """Send a form of the page at `path`, with the secret that stands in it."""
        headers = {"Origin": self.origin, "Accept": "text/html"} | options.pop("headers", {})
        form = {"form": self.secret(path), **fields}
        return self.browser.post(path, data=form, headers=headers, **options)

    def secret(self, path: str) -> str:
        """Return the secret in the form of a page."""
        before, found, after = self.get(path).text.partition('name="form" value="')
        assert found, before
        return after.partition('"')[0]

    def sign_in(self, name: str = "reader", password: str = PASSWORD) -> httpx.Response:
        """Sign in with the form."""
        return self.post("/login", {"name": name, "password": password})


async def _behind(request: Any) -> Any:
    from starlette.responses import JSONResponse

    return JSONResponse(dict(request.headers))


async def _socket(socket: Any) -> None:
    await socket.accept()
    await socket.send_text("welcome")
    await socket.close()


@pytest.fixture
def site(world: World) -> Site:
    """A browser that has not signed in."""
    return Site()
