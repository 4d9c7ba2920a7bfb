"""The settings of this command, with mistakes in them named as such."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from lectern.settings import Settings


def effective_settings() -> "Settings":
    """Return the settings from the environment, or end with a usage error that names the variable.

    From here on the process trusts what they say.
    Values are not repeated: they may be secrets.
    """
    from pydantic import ValidationError

    from lectern.settings import Settings
    from lectern.trust import trust

    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        variable = name if name.isupper() else f"LECTERN_{name.upper()}"
        raise click.UsageError(f"{variable}: {first['msg']}") from error
    trust(settings.ca_file, settings.home)
    return settings
