"""What maintain works with. Dead letters need the store alone, so it is wired apart."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

from functions.maintain.announcing import announce
from functions.maintain.dead_letters import LetterBox
from functions.maintain.sweep import Sweeper
from functions.maintain.upkeep import Upkeep
from lectern.backup.making import Backups
from lectern.catalog.port import Catalog
from lectern.index.port import CollectionIndex
from lectern.objects import ObjectStore
from lectern.publishing import HttpPublisher
from lectern.settings import Settings


@dataclass(frozen=True, slots=True)
class Dependencies:
    """Everything maintain needs, opened once per process after the server forked."""

    catalog: Catalog
    store: ObjectStore
    index_of: Callable[[str], CollectionIndex]
    publisher: HttpPublisher
    upkeep: Upkeep
    sweeper: Sweeper
    backups: Backups


@cache
def settings() -> Settings:
    """Return the settings of this process."""
    return Settings()


@cache
def letters() -> LetterBox:
    """Return the dead letters; works while the catalog is down."""
    from lectern.objects import object_store

    return LetterBox(object_store(settings()))


@cache
def dependencies() -> Dependencies:
    """Return the dependencies of this process."""
    from lectern.backup.making import backups
    from lectern.backup.metrics import watch
    from lectern.catalog import open_catalog
    from lectern.index import collection_index
    from lectern.objects import key_prefix
    from lectern.registration import Registrar

    configured = settings()
    catalog = open_catalog(configured)
    store = letters().store
    index_of = partial(collection_index, configured)
    publisher = HttpPublisher(configured.broker_url, source="/lectern/maintain")
    registrar = Registrar(catalog, store, publisher, "maintain", configured.max_upload_bytes)
    made = backups(configured)
    watch(made.shelf)
    return Dependencies(
        catalog=catalog,
        store=store,
        index_of=index_of,
        publisher=publisher,
        upkeep=Upkeep(catalog, index_of),
        sweeper=Sweeper(
            catalog=catalog,
            store=store,
            publisher=publisher,
            registrar=registrar,
            announce=partial(
                announce,
                intake_url=configured.url_of("intake"),
                token=configured.intake_token.get_secret_value(),
                key_prefix=key_prefix(configured),
            ),
            stuck_after_s=configured.stuck_after_s,
        ),
        backups=made,
    )
