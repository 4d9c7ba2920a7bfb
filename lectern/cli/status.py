"""`lectern status`."""

from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from lectern.cli.session import session, talks_to_lectern

if TYPE_CHECKING:
    from lectern.client import Lectern


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@talks_to_lectern
def status(*, as_json: bool, server: str | None, token: str | None) -> None:
    """Show what runs, and how the documents of each collection are."""
    from lectern.cli.output import print_json

    with session(server, token) as here:
        report: dict[str, Any] = {
            "running": here.place != "in process",
            "address": here.address,
            "processes": _processes() if here.place == "local" else [],
            "collections": _collections(here.lectern),
            "last_backup": _last_backup(here.lectern),
        }
    if as_json:
        print_json(report)
    else:
        _show(report)


def _processes() -> list[dict[str, Any]]:
    """Return the processes of this machine's `lectern up`; they may change at any moment."""
    import httpx

    from lectern.cli.configuration import effective_settings
    from lectern.errors import TransientError
    from lectern.local.home import Home

    running = Home(effective_settings().home).running()
    if running is None:
        return []
    try:
        reply = httpx.get(f"{running.internal_url}/processes", trust_env=False).raise_for_status()
    except httpx.HTTPError as error:
        raise TransientError("`lectern up` is stopping", code="stopping") from error
    processes: list[dict[str, Any]] = reply.json()["processes"]
    return processes


def _last_backup(lectern: "Lectern") -> str | None:
    """Return when the newest backup was made; "" for never, None if the caller may not know."""
    from lectern.errors import Forbidden

    try:
        made_at = lectern.backups.newest().made_at
    except Forbidden:
        return None
    return made_at.isoformat() if made_at else ""


def _collections(lectern: "Lectern") -> list[dict[str, Any]]:
    found = []
    for collection in lectern.collections.list():
        states: Counter[str] = Counter()
        failures = []
        for document in lectern.documents.all(collection.collection_id):
            states[document.state.value] += 1
            if document.failure is not None:
                failures.append(
                    {
                        "document_id": document.document_id,
                        "name": document.name,
                        **document.failure.model_dump(mode="json"),
                    }
                )
        found.append(
            {
                "collection_id": collection.collection_id,
                "slug": collection.slug,
                "name": collection.name,
                "documents": dict(states),
                "failures": failures,
            }
        )
    return found


def _show(report: dict[str, Any]) -> None:
    from lectern.cli.output import printable

    click.echo(f"running at {report['address']}" if report["running"] else "not running")
    for process in report["processes"]:
        busy = f", busy with {process['busy']}" if process["busy"] else ""
        click.echo(f"  {process['name']:14} process {process['pid']}{busy}")
    if report["last_backup"] is not None:
        click.echo(f"last backup: {report['last_backup'] or 'never'}")
    for collection in report["collections"]:
        states = ", ".join(f"{n} {state}" for state, n in sorted(collection["documents"].items()))
        click.echo(printable(f"{collection['slug']}: {states or 'empty'}"))
        for failure in collection["failures"]:
            click.echo(printable(f"  {failure['name']}: {failure['detail']}"))
