"""The caller's own settings."""

from functions.catalog.service import api, caller
from lectern.access import Access
from lectern.api import UserSettingsChange, UserSettingsReply
from lectern.preferences import DEFAULTS, effective_settings, stored_values
from lectern.serving.http import read_body


@api.route("GET", "/v1/settings", reply=UserSettingsReply)
def get_settings() -> UserSettingsReply:
    """Return the caller's settings in effect, the defaults, and which differ."""
    return _settings_of(caller())


@api.route("PATCH", "/v1/settings", body=UserSettingsChange, reply=UserSettingsReply)
def change_settings() -> UserSettingsReply:
    """Change some of the caller's settings; the value of a default resets a field."""
    access = caller("write")
    values = stored_values(read_body(UserSettingsChange))
    access.catalog.preferences.change(access.user.user_id, values)
    return _settings_of(access)


@api.route("DELETE", "/v1/settings", reply=UserSettingsReply)
def reset_settings() -> UserSettingsReply:
    """Return every setting of the caller's to its default."""
    access = caller("write")
    access.catalog.preferences.reset(access.user.user_id)
    return _settings_of(access)


def _settings_of(access: Access) -> UserSettingsReply:
    stored = access.catalog.preferences.get(access.user.user_id)
    settings = effective_settings(stored)
    changed = [
        name
        for name in type(settings).model_fields
        if getattr(settings, name) != getattr(DEFAULTS, name)
    ]
    return UserSettingsReply(settings=settings, defaults=DEFAULTS, changed=changed)
