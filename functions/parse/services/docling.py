"""Docling Serve: its asynchronous API of version 1 (docling-project/docling-serve, docs/usage.md).

The synchronous call answers 504 after two minutes and would be lost with its connection; a task
stays, and another delivery can wait on for it.
"""

from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, ValidationError

from functions.parse.services.calls import Calls
from functions.parse.services.port import OperationGone
from lectern.errors import PermanentError

if TYPE_CHECKING:
    from httpx import Response

_POLL_S = 2.0
_LONG_POLL_S = 10.0  # what the server holds a status request for
_OPTIONS = {
    "from_formats": "pdf",
    "to_formats": "json",
    "image_export_mode": "placeholder",  # figures are cut from our own file
    "include_images": "false",
    "do_ocr": "true",
    "table_mode": "accurate",
    "abort_on_error": "false",
    "target_type": "inbody",
}


class _Task(BaseModel):
    """A task and how far it is; newer servers say why it failed."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    task_id: str
    task_status: Literal[
        "pending", "started", "success", "partial_success", "failure", "skipped", "revoked"
    ]
    error_message: str | None = None


class DoclingServe:
    """See `LayoutService`.

    Args:
        url: Base URL of the server.
        key: API key, "" if it wants none.
        timeout_s: See `LayoutService`.
    """

    def __init__(self, url: str, key: str, *, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        headers = {"X-Api-Key": key} if key else {}
        self._calls = Calls(url, headers, name="Docling Serve", settings="LECTERN_DOCLING")

    def submit(self, pdf: Path, *, until: float) -> str:
        """See `LayoutService.submit`."""
        with pdf.open("rb") as file:
            _, data = self._calls.ask(
                "POST",
                f"{self._calls.url}/v1/convert/file/async",
                until=until,
                data=_OPTIONS,
                files={"files": ("document.pdf", file, "application/pdf")},
            )
        return self._task(data).task_id

    def fetch(self, operation: str, into: Path, *, until: float) -> None:
        """See `LayoutService.fetch`."""
        task_id = quote(operation, safe="")
        while True:
            response, task = self._poll(task_id, until)
            if task.task_status in {"success", "partial_success"}:
                break
            if task.task_status not in {"pending", "started"}:
                raise self._calls.refusal(task.error_message or "")
            self._calls.pause(response, _POLL_S, until=until)
        try:
            self._calls.save(f"{self._calls.url}/v1/result/{task_id}", into, until=until)
        except PermanentError as error:
            raise _gone_if_unknown(error) from error

    def _poll(self, task_id: str, until: float) -> "tuple[Response, _Task]":
        wait_s = max(0.0, min(_LONG_POLL_S, until - monotonic() - _POLL_S))
        url = f"{self._calls.url}/v1/status/poll/{task_id}?wait={wait_s:.0f}"
        try:
            response, data = self._calls.ask("GET", url, until=until)
        except PermanentError as error:
            raise _gone_if_unknown(error) from error
        return response, self._task(data)

    def _task(self, data: bytes) -> _Task:
        try:
            return _Task.model_validate_json(data)
        except ValidationError:
            raise self._calls.malformed() from None


def _gone_if_unknown(error: PermanentError) -> Exception:
    return OperationGone() if error.code == "parser_not_found" else error
