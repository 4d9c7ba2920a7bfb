"""A user's settings in effect: the defaults of this code, with what the user stored on top."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from lectern.api import UserSettings, UserSettingsChange

DEFAULTS = UserSettings()


def effective_settings(stored: Mapping[str, Any]) -> UserSettings:
    """Return the settings; what another version stored and this one does not know is left out."""
    fitting: dict[str, Any] = {}
    for name in UserSettings.model_fields.keys() & stored.keys():
        try:
            fitting[name] = getattr(UserSettings.model_validate({name: stored[name]}), name)
        except ValidationError:
            continue  # its default is better than a page that cannot be opened
    return UserSettings(**fitting)


def stored_values(change: UserSettingsChange) -> Mapping[str, Any]:
    """Return what a change stores: the values that were given, None for those of the defaults."""
    given = change.model_dump(exclude_none=True)
    return {
        name: None if value == getattr(DEFAULTS, name) else value for name, value in given.items()
    }
