"""`lectern ingest`."""

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lectern.cli.session import Session, session, talks_to_lectern

if TYPE_CHECKING:
    from rich.progress import Progress

    from lectern.api import DocumentReply
    from lectern.client import Lectern
    from lectern.errors import LecternError

_UPLOAD_TRIES = 3
_LOOK_S = 1.0
_STAGES = ("uploaded", "parsed", "embedded", "ready")
_REACHED = {  # how many of the stages a document in this state has behind it
    "uploaded": 1,
    "parsing": 1,
    "embedding": 2,
    "indexed": 3,
    "ready": 4,
}
_PENDING = ("uploaded", "parsing", "embedding", "indexed")


@dataclass(slots=True)
class _File:
    """A file on its way; `name` is what the document will be called."""

    path: Path
    name: str
    document: "DocumentReply | None" = None
    error: "LecternError | None" = None

    @property
    def failed(self) -> bool:
        return self.error is not None or (
            self.document is not None and self.document.state.value == "failed"
        )

    @property
    def pending(self) -> bool:
        return self.document is not None and not self.document.state.terminal and not self.held

    @property
    def held(self) -> str:
        """Why nothing happens to it for now, "" if something does."""
        held = self.document.held if self.document else None
        return held.detail if held else ""

    @property
    def reason(self) -> str:
        if self.error is not None:
            return self.error.detail
        failure = self.document.failure if self.document else None
        return failure.detail if failure else self.held


@click.command()
@click.argument(
    "paths",
    nargs=-1,
    required=True,
    metavar="PATH…",
    type=click.Path(exists=True, readable=True, path_type=Path),
)
@click.option("--collection", default="inbox", show_default=True, help="Made if there is none.")
@click.option("--tag", "tags", multiple=True, help="A label to filter by; repeatable.")
@click.option("--wait", is_flag=True, help="Wait until every document can be found.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@talks_to_lectern
def ingest(
    paths: tuple[Path, ...],
    *,
    collection: str,
    tags: tuple[str, ...],
    wait: bool,
    as_json: bool,
    server: str | None,
    token: str | None,
) -> None:
    """Add files, and folders with all that is in them, to a collection.

    A file of a name that is there already becomes its next revision; unchanged files are skipped.
    """
    from lectern.cli.output import print_json

    files = list(_files(paths))
    with session(server, token) as here:
        target = here.lectern.collections.ensure(collection)
        with _progress() as progress:
            _upload(here.lectern, target.collection_id, files, tags, progress)
            if wait or here.place == "in process":
                _follow(here, target.collection_id, files, progress)
    if as_json:
        print_json({"collection": target.slug, "documents": [_outcome(file) for file in files]})
    _explain(files, in_words=not as_json)
    if any(file.failed or file.held for file in files):
        click.get_current_context().exit(1)


def _files(paths: Sequence[Path]) -> Iterator[_File]:
    """Yield every file to ingest, before anything is uploaded.

    Files in a folder are named by their way from it, so that two of the same name stay apart.
    Hidden files and links are left out. A name that is not UTF-8 cannot be a document's: its
    file has failed before it is sent, the others go their way.
    """
    from lectern.errors import InvalidRequest

    found = 0
    for path in paths:
        inside = _walk(path) if path.is_dir() else [path]
        for file in inside:
            if not os.access(file, os.R_OK):
                raise click.UsageError(f"{str(file)!r} cannot be read")
            parts = file.relative_to(path).parts if path.is_dir() else (file.name,)
            found += 1
            ingested = _File(file, " - ".join(parts))
            if not _is_text(ingested.name):
                ingested.error = InvalidRequest("its name is not valid UTF-8; rename it")
            yield ingested
    if not found:
        raise click.UsageError("there is no file in what was named")


def _is_text(name: str) -> bool:
    """Whether a file's name is text, and not bytes that Python smuggles through `str`."""
    return not any("\ud800" <= letter <= "\udfff" for letter in name)


def _walk(folder: Path) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        raise click.UsageError(f"{str(error.filename)!r} cannot be read") from error

    for root, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(root) / name
            if not name.startswith((".", "~$")) and file.is_file() and not file.is_symlink():
                yield file


def _upload(
    lectern: "Lectern",
    collection_id: str,
    files: Sequence[_File],
    tags: Sequence[str],
    progress: "Progress",
) -> None:
    from lectern.errors import LecternError

    task = progress.add_task("uploaded", total=len(files))
    for file in files:
        try:
            if file.error is None:
                file.document = _uploaded(lectern, collection_id, file, tags)
        except (LecternError, OSError) as error:
            file.error = (
                error if isinstance(error, LecternError) else LecternError(str(error.strerror))
            )
        progress.advance(task)


def _uploaded(
    lectern: "Lectern", collection_id: str, file: _File, tags: Sequence[str]
) -> "DocumentReply":
    from lectern.errors import TransientError

    for _ in range(_UPLOAD_TRIES - 1):
        try:
            return lectern.documents.upload(collection_id, file.path, name=file.name, tags=tags)
        except TransientError as error:  # an upload is safe to repeat
            time.sleep(error.retry_after_s)
    return lectern.documents.upload(collection_id, file.path, name=file.name, tags=tags)


def _follow(
    here: Session, collection_id: str, files: Sequence[_File], progress: "Progress"
) -> None:
    """Wait until every uploaded file is ready or failed, showing how many passed each stage.

    One listing of what is pending tells about all files at once, however many there are.
    """
    from lectern.api import DocumentQuery

    uploaded = [file for file in files if file.document is not None]
    tasks = {stage: progress.add_task(stage, total=len(uploaded)) for stage in _STAGES[1:]}
    query = DocumentQuery.model_validate({"state": list(_PENDING), "limit": 200})
    while True:
        waiting = [file for file in uploaded if file.pending]
        listed = (
            {each.document_id: each for each in here.lectern.documents.all(collection_id, query)}
            if waiting
            else {}
        )
        for file in waiting:
            if file.document is not None:
                document_id = file.document.document_id
                file.document = listed.get(document_id) or here.lectern.documents.get(document_id)
        for reached, stage in enumerate(_STAGES[1:], 2):
            count = sum(_reached(file) >= reached for file in uploaded)
            progress.update(tasks[stage], completed=count)
        if not any(file.pending for file in uploaded):
            break
        time.sleep(_LOOK_S)
    here.settle()


def _reached(file: _File) -> int:
    return _REACHED.get(file.document.state.value, 0) if file.document else 0


def _outcome(file: _File) -> dict[str, Any]:
    document = file.document
    return {
        "path": str(file.path),
        "document_id": document.document_id if document else None,
        "state": document.state.value if document else "failed",
        "duplicate": document.duplicate if document else False,
        "reason": file.reason or None,
    }


def _explain(files: Sequence[_File], *, in_words: bool) -> None:
    """Say on stderr why files failed or wait, and how many did not."""
    from lectern.cli.output import printable

    failed = [file for file in files if file.failed]
    for file in failed:
        click.echo(printable(f"failed: {file.path}: {file.reason}"), err=True)
    for file in files:
        if file.held:
            click.echo(printable(f"waits: {file.path}: {file.held}"), err=True)
    if in_words:
        ready = sum(_reached(file) == len(_STAGES) for file in files)
        sent = len(files) - len(failed)
        click.echo(f"{sent} of {len(files)} added, {ready} ready", err=True)


def _progress() -> "Progress":
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from lectern.cli.output import sidelines

    return Progress(
        TextColumn("{task.description:9}"), BarColumn(), MofNCompleteColumn(), console=sidelines()
    )
