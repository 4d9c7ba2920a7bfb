"""`lectern up`."""

import os
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pathlib import Path

    from lectern.local.home import Running


@click.command()
@click.option("--host", help="Address to bind to (LECTERN_HOST; 127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port (LECTERN_PORT; 8080). 0: any.")
def up(host: str | None, port: int | None) -> None:
    """Run everything on this machine, until Ctrl-C."""
    from lectern.cli.configuration import effective_settings
    from lectern.local.supervisor import Machine, log_to_terminal

    if host is not None:
        os.environ["LECTERN_HOST"] = host
    if port is not None:
        os.environ["LECTERN_PORT"] = str(port)
    log_to_terminal()
    click.echo("Lectern starts …", err=True)
    settings = effective_settings()
    Machine(settings, on_ready=lambda running: _welcome(running, settings.home)).run()
    click.echo("Lectern has stopped.", err=True)


def _welcome(running: "Running", home: "Path") -> None:
    from lectern.local.home import Home
    from lectern.local.web import sign_in_link

    inbox = f"\n  Drop files into  {running.inbox}" if running.inbox else ""
    link = sign_in_link(Home(home), running.web) if running.web else ""
    web = f"\n  Open  {link}\n  (it works once; `lectern web` shows a new one)" if link else ""
    click.echo(
        f"\n  Lectern is ready at  {running.address}{web}{inbox}"
        '\n  Ask from another terminal:  lectern ask "What is Lectern?"'
        "\n  Add your own:               lectern ingest PATH …"
        "\n  Ctrl-C stops it; nothing is lost.\n",
        err=True,
    )
