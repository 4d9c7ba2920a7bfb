"""Fetching from the web: a server on loopback that only an injected policy lets us reach."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from functions.catalog.fetching import FetchPolicy, fetch
from functions.catalog.urls import SOURCE_URL, take_in
from lectern.access import Access
from lectern.api import UrlRequest
from lectern.errors import InvalidRequest, LecternError, TooLarge, TransientError
from tests.component.catalog_world import MAX_UPLOAD_BYTES, Shelf, World, running_world

LOOPBACK = "127.0.0.1"


class Site(BaseHTTPRequestHandler):
    """Answers by path; remembers which Host it was asked for."""

    hosts: Sequence[str] = []
    released = threading.Event()

    def do_GET(self) -> None:
        type(self).hosts = [*self.hosts, str(self.headers["Host"])]
        port = self.server.server_address[1]
        match self.path.partition("?")[0]:
            case "/page":
                self._send(200, b"<p>Hello</p>", {"Content-Type": "text/html; charset=utf-8"})
            case "/moved":
                self._send(302, b"", {"Location": "/page"})
            case "/inside":
                self._send(302, b"", {"Location": f"http://inside.test:{port}/page"})
            case "/file":
                self._send(302, b"", {"Location": "file:///etc/passwd"})
            case "/loop":
                self._send(302, b"", {"Location": "/loop"})
            case "/packed":
                self._send(200, b"x", {"Content-Encoding": "gzip"})
            case "/large":
                self._send(200, bytes(MAX_UPLOAD_BYTES + 1), {})
            case "/slow":
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"a")
                self.wfile.flush()
                self.released.wait(20)
            case _:
                self._send(404, b"nothing", {})

    def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):  # the reader has had enough
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_world(tmp_path_factory.mktemp("home")) as world:
        yield world


@pytest.fixture
def shelf(world: World) -> Shelf:
    return world.shelf()


@pytest.fixture
def port() -> Iterator[int]:
    Site.hosts, Site.released = [], threading.Event()
    server = ThreadingHTTPServer((LOOPBACK, 0), Site)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server.server_port
    Site.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def site(port: int, **changes: Any) -> Iterator[FetchPolicy]:
    """Give a policy for which public.test is the server and inside.test is somewhere private."""

    def resolve(host: str, _: int) -> Sequence[str]:
        return {"public.test": [LOOPBACK], "inside.test": ["10.0.0.1"]}.get(host, [])

    policy = FetchPolicy(
        resolver=resolve,
        admits=lambda address: str(address) == LOOPBACK,
        ports=frozenset({port}),
    )
    yield replace(policy, **changes)


def added(world: World, shelf: Shelf, policy: FetchPolicy | None, url: str, **asked: Any) -> Any:
    needs = replace(world.needs, fetch_policy=policy)
    access = Access(needs.catalog, world.users["editor"])
    return take_in(needs, access, shelf.collection, UrlRequest(url=url, **asked))


def test_a_page_becomes_a_document_that_says_where_it_is_from(
    world: World, shelf: Shelf, port: int
) -> None:
    with site(port) as policy:
        document = added(
            world, shelf, policy, f"http://public.test:{port}/moved?a=b#c", tags=["web"]
        ).document

    assert (document.name, document.content_type) == ("page.html", "text/html")
    assert document.metadata == {SOURCE_URL: f"http://public.test:{port}/page"}
    assert document.tags == ("web",)
    assert world.needs.store.read(document.object_key) == b"<p>Hello</p>"
    assert Site.hosts == [f"public.test:{port}"] * 2
    assert world.published(document.document_id) == [f"document.uploaded:{document.document_id}:1"]


def test_the_same_page_again_brings_nothing_new(world: World, shelf: Shelf, port: int) -> None:
    with site(port) as policy:
        first = added(world, shelf, policy, f"http://public.test:{port}/page")
        again = added(world, shelf, policy, f"http://public.test:{port}/page")
        renamed = added(world, shelf, policy, f"http://public.test:{port}/page", name="other")

    assert (first.duplicate, again.duplicate) == (False, True)
    assert renamed.under_another_name
    assert renamed.document.document_id == first.document.document_id


@pytest.mark.parametrize(
    ("path", "code"),
    [
        pytest.param("/inside", "url_refused", id="redirect to a private address"),
        pytest.param("/file", "url_refused", id="redirect to a file"),
        pytest.param("/loop", "url_failed", id="redirects without end"),
        pytest.param("/packed", "url_failed", id="packed content"),
        pytest.param("/gone", "url_failed", id="not found"),
        pytest.param("/large", "too_large", id="too large"),
    ],
)
def test_what_cannot_be_taken_in_leaves_nothing(
    world: World, shelf: Shelf, port: int, path: str, code: str
) -> None:
    with (
        site(port) as policy,
        pytest.raises((InvalidRequest, TooLarge)) as refused,
    ):
        added(world, shelf, policy, f"http://public.test:{port}{path}")

    assert refused.value.code == code
    assert "10.0.0.1" not in refused.value.detail
    assert world.needs.catalog.documents.abandoned_uploads(older_than_s=0) == []
    assert list(world.needs.store.list(f"uploads/{shelf.collection.collection_id}/")) == []


def test_a_server_that_trickles_is_left_when_the_time_is_up(
    world: World, shelf: Shelf, port: int
) -> None:
    with site(port, timeout_s=0.3) as policy, pytest.raises(TransientError) as broken:
        added(world, shelf, policy, f"http://public.test:{port}/slow")

    assert broken.value.code == "url_unreachable"
    assert world.needs.catalog.documents.abandoned_uploads(older_than_s=0) == []


def test_hidden_and_missing_names_are_refused_in_the_same_words(port: int) -> None:
    told = []
    for host in ("inside.test", "missing.test"):
        with (
            site(port) as policy,
            pytest.raises(InvalidRequest) as refused,
            fetch(f"http://{host}:{port}/", policy),
        ):
            pass
        told.append(refused.value.detail.replace(host, "host"))

    assert told[0] == told[1]


def test_every_address_of_a_name_has_to_be_public(port: int) -> None:
    both = FetchPolicy(resolver=lambda *_: ["93.184.216.34", LOOPBACK])

    with pytest.raises(InvalidRequest, match="no public address"), fetch("http://a.test/", both):
        pass


def test_the_name_is_resolved_once_for_each_connection(port: int) -> None:
    answers = iter([[LOOPBACK], ["10.0.0.1"]])
    policy = FetchPolicy(
        resolver=lambda *_: next(answers),
        admits=lambda address: str(address) == LOOPBACK,
        ports=frozenset({port}),
    )

    with fetch(f"http://rebinding.test:{port}/page", policy) as fetched:
        assert fetched.body.read() == b"<p>Hello</p>"

    with pytest.raises(InvalidRequest), fetch(f"http://rebinding.test:{port}/page", policy):
        pass


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0/",
        "http://localhost/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest/meta-data/",
    ],
)
def test_over_http_our_own_addresses_are_refused(world: World, shelf: Shelf, url: str) -> None:
    response = world.call("POST", f"{shelf.path}/urls", json={"url": url})

    assert (response.status_code, response.get_json()["code"]) == (400, "url_refused")


def test_the_operator_can_switch_it_off(world: World, shelf: Shelf) -> None:
    with pytest.raises(LecternError) as refused:
        added(world, shelf, None, "https://example.com/")

    assert refused.value.code == "url_ingestion_off"
