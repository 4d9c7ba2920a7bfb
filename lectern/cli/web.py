"""`lectern web`."""

import click


@click.command()
def web() -> None:
    """Show a link that opens the web UI, signed in as this machine's owner. It works once."""
    from lectern.cli.configuration import effective_settings
    from lectern.errors import TransientError
    from lectern.local.addresses import running_of
    from lectern.local.home import Home
    from lectern.local.web import sign_in_link

    settings = effective_settings()
    running = running_of(settings.home)
    if running is None:
        raise TransientError("Lectern does not run here; start it with `lectern up`")
    if not running.web:
        raise TransientError("Lectern runs without its web UI; what `lectern up` shows says why")
    click.echo(sign_in_link(Home(settings.home), running.web))
