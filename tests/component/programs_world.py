"""The answer function behind a real server, for clients that are programs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import functions_framework
import pytest
from flask import Flask
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server

from functions.answer.wiring import dependencies
from lectern.catalog import migrate, open_catalog
from lectern.catalog.port import Catalog
from lectern.catalog.records import Collection
from lectern.settings import Settings
from tests.provider.chat import ScriptedChat
from tests.provider.retrieve import ScriptedRetrieve

SECRET = "lct_a-key-of-a-program"
WEB = "https://lectern.example.org"


@dataclass(frozen=True)
class Running:
    """The function, mounted as `lectern up` mounts it, and the collection of the key's owner."""

    app: Flask
    url: str
    catalog: Catalog
    travel: Collection


@contextmanager
def running_answer(
    home: Path, retrieve: ScriptedRetrieve, provider: ScriptedChat | None = None, **more: str
) -> Iterator[Running]:
    """Start the function; `more` are settings."""
    values = {"LECTERN_HOME": str(home), "LECTERN_FUNCTION_URL": retrieve.url + "/{function}"}
    if provider is not None:
        values |= {"LECTERN_CHAT_URL": provider.url, "LECTERN_CHAT_MODEL": "small"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (values | more).items():
            patch.setenv(name, value)
        settings = Settings()
        migrate(settings)
        catalog = open_catalog(settings)
        owner = catalog.people.create_user("program")
        catalog.people.create_token(owner.user_id, "test", secret=SECRET)
        travel = catalog.collections.create("Travel", owner.user_id)
        dependencies.cache_clear()
        source = Path(__file__).parents[2] / "functions" / "answer" / "main.py"
        app = functions_framework.create_app("answer", str(source))
        mounted = DispatcherMiddleware(NotFound(), {"/answer": app})
        server = make_server("127.0.0.1", 0, mounted, threaded=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield Running(app, f"http://127.0.0.1:{server.server_port}/answer", catalog, travel)
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
            dependencies.cache_clear()
            catalog.close()
            open_catalog.cache_clear()
