"""Azure AI Document Intelligence: the layout model, by REST (API version 2024-11-30).

https://learn.microsoft.com/rest/api/aiservices/document-models/analyze-document
"""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from functions.parse.services.calls import Calls
from functions.parse.services.port import OperationGone
from lectern.errors import PermanentError
from lectern.models.addresses import same_origin

_POLL_S = 2.0
_MOST_STATUS_BYTES = 1 << 20
_ANALYZE = (
    "/documentintelligence/documentModels/prebuilt-layout:analyze?api-version=2024-11-30"
    "&stringIndexType=unicodeCodePoint&outputContentFormat=text"
)
_THEIR_FAULT = frozenset({"InternalServerError", "ServiceUnavailable", "Timeout"})


class _Inner(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    code: str = ""
    message: str = ""


class _Error(_Inner):
    innererror: _Inner | None = None


class _Operation(BaseModel):
    """How far an analysis is; its result is left to the sandbox."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    status: Literal["notStarted", "running", "failed", "succeeded", "canceled", "skipped"]
    error: _Error | None = None


class AzureDocumentIntelligence:
    """See `LayoutService`. Operations are URLs of the resource itself, which keeps them for a day.

    Args:
        url: Endpoint of the resource.
        key: One of its two keys.
        timeout_s: See `LayoutService`.
    """

    def __init__(self, url: str, key: str, *, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        headers = {"Ocp-Apim-Subscription-Key": key} if key else {}
        self._calls = Calls(
            url,
            headers,
            name="Azure AI Document Intelligence",
            settings="LECTERN_AZURE_DOCUMENT",
        )

    def submit(self, pdf: Path, *, until: float) -> str:
        """See `LayoutService.submit`."""
        headers = {
            "Content-Type": "application/pdf",
            "Content-Length": str(pdf.stat().st_size),
        }
        with pdf.open("rb") as file:
            response, _ = self._calls.ask(
                "POST", self._calls.url + _ANALYZE, until=until, content=file, headers=headers
            )
        operation = response.headers.get("Operation-Location", "")
        if not operation:
            raise self._calls.malformed()
        return self._own(operation)

    def fetch(self, operation: str, into: Path, *, until: float) -> None:
        """See `LayoutService.fetch`."""
        url = self._own(operation)
        while True:
            try:
                response = self._calls.save(url, into, until=until)
            except PermanentError as error:
                raise _gone_if_unknown(error) from error
            found = self._operation(into)
            if found.status == "succeeded":
                return
            if found.status not in {"notStarted", "running"}:
                raise self._failed(found.error)
            self._calls.pause(response, _POLL_S, until=until)

    def _own(self, operation: str) -> str:
        """Return the operation's URL if it is one of the resource: the key goes nowhere else."""
        if not same_origin(operation, self._calls.url):
            raise PermanentError(
                f"{self._calls.subject} names an address of another server for its answer, which "
                f"is not asked; set {self._calls.settings}_URL to the resource's own endpoint",
                code="parser_malformed",
            )
        return operation

    def _operation(self, reply: Path) -> _Operation:
        if reply.stat().st_size > _MOST_STATUS_BYTES:  # a result; the sandbox reads it
            return _Operation(status="succeeded")
        try:
            return _Operation.model_validate_json(reply.read_bytes())
        except ValidationError:
            raise self._calls.malformed() from None

    def _failed(self, error: _Error | None) -> Exception:
        if error is None:
            return self._calls.refusal("")
        if error.code in _THEIR_FAULT:
            return OperationGone(error.code)
        inner = error.innererror or error
        return self._calls.refusal(inner.message or error.message or error.code)


def _gone_if_unknown(error: PermanentError) -> Exception:
    return OperationGone() if error.code == "parser_not_found" else error
