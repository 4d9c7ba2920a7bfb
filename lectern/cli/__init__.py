"""The `lectern` command."""

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line; the entry point of the package."""
    from lectern.cli.root import cli

    cli(prog_name="lectern", args=sys.argv[1:])
