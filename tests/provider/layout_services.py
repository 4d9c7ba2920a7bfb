"""Scripted servers on loopback that speak like Docling Serve and Azure AI Document Intelligence.

They read the PDF they are sent and answer in the service's own shape with the lines on its pages,
the first of a page as its heading; what goes wrong is said by `Trouble`.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from functions.parse.readers.pdf_engine import pymupdf

KEY = "key-of-a-layout-service"


@dataclass
class Trouble:
    """What the server does wrong.

    `polls` is how often an answer is not ready yet; `submit` and `fetch` are a status with its
    headers in the place of the usual one; `failure` what a failed task says; `reply` the body of a
    finished one; `location` where Azure says that the answer is; `forgets` how many operations it
    forgets as soon as they began.
    """

    polls: int = 0
    submit: tuple[int, dict[str, str]] | None = None
    fetch: tuple[int, dict[str, str]] | None = None
    failure: Any = None
    reply: bytes | None = None
    location: str = ""
    forgets: int = 0


@dataclass
class Exchange:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]


@dataclass
class LayoutServer:
    """Base of both servers. `sent` are the PDFs it was sent, `exchanges` all its requests."""

    read: Callable[[bytes], bytes]
    trouble: Trouble = field(default_factory=Trouble)
    sent: list[bytes] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._polls: dict[str, int] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def running(self) -> Iterator[None]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        raise NotImplementedError

    def submitted(self, pdf: bytes) -> str:
        self.sent.append(pdf)
        operation = f"operation-{len(self.sent)}"
        self._polls[operation] = self.trouble.polls
        if self.trouble.forgets:
            self.trouble.forgets -= 1
            del self._polls[operation]
        return operation

    def ready(self, operation: str) -> bool | None:
        """Return whether the answer is there; None: no such operation."""
        if operation not in self._polls:
            return None
        self._polls[operation] -= 1
        return self._polls[operation] < 0

    def body_of(self, operation: str) -> bytes:
        number = int(operation.rpartition("-")[2]) - 1
        return (
            self.trouble.reply if self.trouble.reply is not None else self.read(self.sent[number])
        )

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._reply("GET", b"")

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self._reply("POST", _file_in(self.headers["Content-Type"], body))

            def _reply(self, method: str, body: bytes) -> None:
                server.exchanges.append(Exchange(method, self.path, dict(self.headers.items())))
                status, headers, data = server.answer(method, self.path.partition("?")[0], body)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(data)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                """Say nothing: tests read `exchanges`."""

        return Handler


class ScriptedDocling(LayoutServer):
    """Docling Serve's asynchronous API."""

    def __init__(self, read: Callable[[bytes], bytes] | None = None) -> None:
        super().__init__(read or (lambda pdf: json.dumps(docling_result(pdf)).encode()))

    def answer(  # noqa: PLR0911 - a return per kind of answer
        self, method: str, path: str, body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        if method == "POST":
            if self.trouble.submit:
                return (*self.trouble.submit, b'{"detail": "scripted"}')
            return 200, {}, self._task(self.submitted(body), "pending")
        operation = path.rpartition("/")[2]
        if self.trouble.fetch:
            return (*self.trouble.fetch, b'{"detail": "scripted"}')
        if path.startswith("/v1/result/"):
            return 200, {}, self.body_of(operation)
        ready = self.ready(operation)
        if ready is None:
            return 404, {}, b'{"detail": "Task not found."}'
        if not ready:
            return 200, {"Retry-After": "1"}, self._task(operation, "started")
        return 200, {}, self._task(operation, "failure" if self.trouble.failure else "success")

    def _task(self, operation: str, status: str) -> bytes:
        task = {"task_id": operation, "task_type": "convert", "task_status": status}
        task |= {"task_position": None, "task_meta": None}
        if status == "failure":
            task["error_message"] = self.trouble.failure
        return json.dumps(task).encode()


class ScriptedAzure(LayoutServer):
    """The layout model of Azure AI Document Intelligence."""

    def __init__(self, read: Callable[[bytes], bytes] | None = None) -> None:
        super().__init__(read or (lambda pdf: json.dumps(azure_operation(pdf)).encode()))

    def answer(  # noqa: PLR0911 - a return per kind of answer
        self, method: str, path: str, body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        if method == "POST":
            if self.trouble.submit:
                return (*self.trouble.submit, b'{"error": {"message": "scripted"}}')
            operation = self.submitted(body)
            results = "/documentintelligence/documentModels/prebuilt-layout/analyzeResults"
            location = self.trouble.location or self.url
            return 202, {"Operation-Location": f"{location}{results}/{operation}"}, b""
        if self.trouble.fetch:
            return (*self.trouble.fetch, b'{"error": {"message": "scripted"}}')
        operation = path.rpartition("/")[2]
        ready = self.ready(operation)
        if ready is None:
            return 404, {}, b'{"error": {"code": "NotFound", "message": "Resource not found."}}'
        if not ready:
            return 200, {"Retry-After": "1"}, b'{"status": "running"}'
        if self.trouble.failure:
            failed = {"status": "failed", "error": self.trouble.failure}
            return 200, {}, json.dumps(failed).encode()
        return 200, {}, self.body_of(operation)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing: a client that closes its connection is part of the tests."""


def _file_in(content_type: str, body: bytes) -> bytes:
    if not content_type.startswith("multipart/"):
        return body
    message = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    parts = [part for part in message.walk() if part.get_filename()]
    assert len(parts) == 1
    data = parts[0].get_payload(decode=True)
    assert isinstance(data, bytes)
    return data


Lines = list[tuple[str, tuple[float, float, float, float]]]


def _pages(pdf: bytes) -> list[tuple[float, float, Lines]]:
    """Return width, height and lines of each page, as displayed."""
    with pymupdf.open(stream=pdf) as document:
        return [
            (
                page.rect.width,
                page.rect.height,
                [
                    (" ".join("".join(s["text"] for s in line["spans"]).split()), line["bbox"])
                    for block in page.get_text("dict")["blocks"]
                    for line in block.get("lines", ())
                ],
            )
            for page in document
        ]


def docling_result(pdf: bytes) -> dict[str, Any]:
    """Return what Docling Serve answers about a PDF."""
    texts: list[dict[str, Any]] = []
    pages = {}
    for number, (width, height, lines) in enumerate(_pages(pdf), start=1):
        pages[str(number)] = {"size": {"width": width, "height": height}, "page_no": number}
        for place, (text, (x0, y0, x1, y1)) in enumerate(lines):
            box = {"l": x0, "t": height - y0, "r": x1, "b": height - y1}
            box["coord_origin"] = "BOTTOMLEFT"
            item = {
                "self_ref": f"#/texts/{len(texts)}",
                "parent": {"$ref": "#/body"},
                "children": [],
                "content_layer": "body",
                "label": "text" if place else "section_header",
                "prov": [{"page_no": number, "bbox": box, "charspan": [0, len(text)]}],
                "orig": text,
                "text": text,
            }
            texts.append(item if place else item | {"level": 1})
    document = {
        "schema_name": "DoclingDocument",
        "version": "1.10.0",
        "name": "document",
        "body": {
            "self_ref": "#/body",
            "children": [{"$ref": f"#/texts/{number}"} for number in range(len(texts))],
            "content_layer": "body",
            "name": "_root_",
            "label": "unspecified",
        },
        "groups": [],
        "texts": texts,
        "pictures": [],
        "tables": [],
        "pages": pages,
    }
    return {
        "document": {"filename": "document.pdf", "json_content": document},
        "status": "success",
        "errors": [],
        "processing_time": 0.1,
        "timings": {},
    }


def azure_operation(pdf: bytes) -> dict[str, Any]:
    """Return what Azure answers about a PDF."""
    content = ""
    pages: list[dict[str, Any]] = []
    paragraphs: list[dict[str, Any]] = []
    for number, (width, height, lines) in enumerate(_pages(pdf), start=1):
        found = []
        for place, (text, (x0, y0, x1, y1)) in enumerate(lines):
            span = {"offset": len(content), "length": len(text)}
            polygon = [round(v / 72, 4) for v in (x0, y0, x1, y0, x1, y1, x0, y1)]
            found.append({"content": text, "polygon": polygon, "spans": [span]})
            paragraph = {
                "content": text,
                "spans": [span],
                "boundingRegions": [{"pageNumber": number, "polygon": polygon}],
            }
            paragraphs.append(paragraph if place else paragraph | {"role": "sectionHeading"})
            content += text + "\n"
        size = {"width": round(width / 72, 4), "height": round(height / 72, 4), "unit": "inch"}
        pages.append({"pageNumber": number, "angle": 0, **size, "lines": found, "spans": []})
    result = {
        "apiVersion": "2024-11-30",
        "modelId": "prebuilt-layout",
        "stringIndexType": "unicodeCodePoint",
        "content": content,
        "pages": pages,
        "paragraphs": paragraphs,
        "tables": [],
        "figures": [],
        "sections": [],
    }
    return {"status": "succeeded", "analyzeResult": result}
