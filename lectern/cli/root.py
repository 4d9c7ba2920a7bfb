"""The command group: which commands there are, and what their errors look like.

Commands are imported when they are called, so that `lectern --help` answers at once. Exit codes:
0 done, 1 failed, 2 usage. With `--json`, stdout holds exactly one JSON document, also on errors
(RFC 9457 problem JSON).
"""

import importlib
import io
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import click

_COMMANDS: Mapping[str, tuple[str, str]] = {
    "up": ("up", "Run everything on this machine."),
    "web": ("web", "Show a link that opens the web UI, signed in."),
    "ingest": ("ingest", "Add files and folders to a collection."),
    "search": ("ask", "Show the passages that fit a question."),
    "ask": ("ask", "Answer a question, with citations."),
    "mind-map": ("mind_map", "Show a document as a tree of what it says."),
    "status": ("status", "Show what runs, and how the documents are."),
    "collections": ("collections", "List, create, share or delete collections."),
    "documents": ("documents", "List, show, delete or reprocess documents."),
    "reembed": ("documents", "Embed a collection anew with the current embedder."),
    "users": ("users", "List, create, disable or invite users."),
    "models": ("models", "List, add, remove, choose or try models."),
    "assistants": ("assistants", "List, create or delete assistants, which keep how to ask."),
    "tools": ("tools", "Tools outside Lectern: list, add, allow, try or remove."),
    "dead-letters": ("dead_letters", "List or replay events that could not be delivered."),
    "backup": ("backup", "Back up this installation, list or verify its backups."),
    "restore": ("restore", "Restore this installation from a backup."),
    "migrate": ("migrate", "Bring the catalog's tables up to this version."),
    "config": ("config", "Show the effective settings and where they come from."),
    "version": ("config", "Show the version."),
}
_INTERRUPTED = 1


class Commands(click.Group):
    """Loads a command when it is called, and turns every error into an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """See `click.Group.list_commands`."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """See `click.Group.get_command`."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"lectern.cli.{_COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """See `click.Group.format_commands`; does not import the commands."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in _COMMANDS.items()])

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> NoReturn:
        """See `click.Command.main`; always ends the process."""
        from lectern.errors import LecternError

        given = list(sys.argv[1:] if args is None else args)
        as_json = "--json" in given
        extra["standalone_mode"] = False
        _never_fail_to_print()
        try:
            code = super().main(given, prog_name, **extra)
        except click.UsageError as error:
            _fail(as_json, "usage", error.format_message(), status=400, usage=error)
            sys.exit(error.exit_code)
        except click.ClickException as error:
            _fail(as_json, "failed", error.format_message(), status=500)
            sys.exit(error.exit_code)
        except LecternError as error:
            because = f": {error.reason}" if error.reason else ""
            _fail(as_json, error.code, error.detail + because, status=error.status)
            sys.exit(1)
        except (click.Abort, KeyboardInterrupt):
            if as_json:
                _fail(as_json, "interrupted", "stopped", status=500)
            else:
                click.echo("stopped", err=True)
            sys.exit(_INTERRUPTED)
        except Exception as error:  # noqa: BLE001 - nothing is above; stdout holds JSON also now
            _fail_unforeseen(as_json, error)
            sys.exit(1)
        sys.exit(code if isinstance(code, int) else 0)


def _fail(
    as_json: bool,  # noqa: FBT001 - private, named at every call
    code: str,
    detail: str,
    *,
    status: int,
    usage: click.UsageError | None = None,
) -> None:
    if as_json:
        from lectern.cli.output import print_json
        from lectern.errors import LecternError, problem

        print_json(dict(problem(LecternError(detail, code=code))) | {"status": status})
    elif usage is not None:
        usage.show()
    else:
        from lectern.cli.output import printable

        click.echo(f"Error: {printable(detail)}", err=True)


def _fail_unforeseen(as_json: bool, error: Exception) -> None:  # noqa: FBT001 - as above
    from lectern.cli.mishaps import explained, reported

    if detail := explained(error):
        _fail(as_json, "failed", detail, status=500)
        return
    import traceback

    traceback.print_exception(error)
    _fail(as_json, "internal", reported(error), status=500)


def _never_fail_to_print() -> None:
    """Show "?" for what the terminal's encoding lacks, rather than end in the middle."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Answers questions about your documents, with citations that open the page."""
