"""What intake works with."""

import functools
from dataclasses import dataclass

from functions.intake.inbox import Inbox
from lectern.registration import Registrar


@dataclass(frozen=True, slots=True)
class Dependencies:
    """Everything intake needs, made once per process."""

    registrar: Registrar
    inbox: Inbox
    key_prefix: str
    token: str
    trusts_broker: bool


@functools.cache
def dependencies() -> Dependencies:
    """Return the dependencies as the environment describes them; call it after the fork."""
    from lectern.catalog import open_catalog
    from lectern.objects import key_prefix, object_store
    from lectern.publishing import HttpPublisher
    from lectern.settings import Settings

    settings = Settings()
    catalog, store = open_catalog(settings), object_store(settings)
    registrar = Registrar(
        catalog=catalog,
        store=store,
        publisher=HttpPublisher(settings.broker_url, source="/lectern/intake"),
        stage="intake",
        max_upload_bytes=settings.max_upload_bytes,
    )
    return Dependencies(
        registrar=registrar,
        inbox=Inbox(catalog, store, registrar),
        key_prefix=key_prefix(settings),
        token=settings.intake_token.get_secret_value(),
        trusts_broker=settings.intake_trusts_broker,
    )
