"""What the function `catalog` works with, from the settings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

from functions.catalog.addresses import networks
from functions.catalog.attempts import Vouchers
from functions.catalog.fetching import FetchPolicy
from functions.catalog.provider import Provider, Registration
from functions.catalog.provider_rules import ProviderRules
from functions.catalog.trash_timer import TrashTimer
from lectern.catalog.port import Catalog
from lectern.catalog.port_models import ModelEntry
from lectern.catalog.port_tools import ToolServer
from lectern.events import Publisher
from lectern.index.port import CollectionIndex
from lectern.models.registry import Known
from lectern.objects.port import ObjectStore
from lectern.parsers import Parser
from lectern.sandbox import Sandbox
from lectern.sealing import Seal, seal_of

if TYPE_CHECKING:
    from lectern.settings import Settings

_PICTURE_CPU_S = 20
_PICTURE_WALL_S = 40
_PICTURE_MEMORY_BYTES = 1 << 30
_PICTURE_FILE_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Dependencies:
    """Everything the views need, opened once per process after the server forked."""

    catalog: Catalog
    store: ObjectStore
    index_of: Callable[[str], CollectionIndex]
    publisher: Publisher
    painter: Sandbox
    signing_secret: Callable[[], bytes]
    max_upload_bytes: int
    undo_s: float
    trash_timer: TrashTimer
    fetch_policy: FetchPolicy | None
    vouchers: Vouchers
    provider: Provider | None
    provider_rules: ProviderRules
    parsers: Sequence[Parser]
    seal: Callable[[], Seal]
    environment: Sequence[ModelEntry]
    embedder: str
    private_model_endpoints: bool
    environment_tools: Mapping[str, ToolServer]
    tool_commands: bool

    def known_models(self) -> Known:
        """Return all models as they are now; see `Known`."""
        stored = self.catalog.models.registry()
        entries = {each.model_id: each for each in (*self.environment, *stored.entries)}
        return Known(stored, entries, self.embedder)


def _empty_trash() -> None:
    from functions.catalog.changes import empty_trash

    empty_trash(dependencies())


@cache
def dependencies() -> Dependencies:
    """Return the dependencies of this process."""
    from lectern.backup.metrics import watch
    from lectern.backup.shelf import Shelf
    from lectern.catalog import open_catalog
    from lectern.index import collection_index
    from lectern.models.registry_environment import environment_entries
    from lectern.objects import object_store
    from lectern.objects.signing import signing_secret
    from lectern.parsers import configured_parsers
    from lectern.publishing import HttpPublisher
    from lectern.settings import Settings
    from lectern.tool_servers import environment_servers

    settings = Settings()
    watch(Shelf(object_store(settings)))
    return Dependencies(
        catalog=open_catalog(settings),
        store=object_store(settings),
        index_of=partial(collection_index, settings),
        publisher=HttpPublisher(settings.broker_url, source="/lectern/catalog"),
        painter=Sandbox(
            preload=["functions.catalog.painting", "functions.catalog.pdf_engine"],
            cpu_s=_PICTURE_CPU_S,
            wall_s=_PICTURE_WALL_S,
            memory_bytes=_PICTURE_MEMORY_BYTES,
            file_bytes=_PICTURE_FILE_BYTES,
        ),
        signing_secret=partial(signing_secret, settings),
        max_upload_bytes=settings.max_upload_bytes,
        undo_s=settings.undo_s,
        trash_timer=TrashTimer(_empty_trash),
        fetch_policy=_fetch_policy(settings),
        vouchers=Vouchers(
            networks(settings.trusted_proxies), settings.web_secret.get_secret_value()
        ),
        provider=_provider(settings),
        parsers=configured_parsers(settings),
        seal=partial(seal_of, settings),
        environment=environment_entries(settings),
        embedder=settings.embedder,
        private_model_endpoints=settings.private_model_endpoints,
        environment_tools={
            server_id: server
            for server_id, (server, _) in environment_servers(settings.tool_servers).items()
        },
        tool_commands=settings.tool_commands,
        provider_rules=ProviderRules(
            label=settings.oidc_label,
            groups_claim=settings.oidc_groups_claim,
            admin_group=settings.oidc_admin_group,
            allowed_domains=frozenset(
                domain.strip().lower()
                for domain in settings.oidc_allowed_domains.split(",")
                if domain.strip()
            ),
            link_verified_email=settings.oidc_link_verified_email,
        ),
    )


def _fetch_policy(settings: "Settings") -> FetchPolicy | None:
    if not settings.url_ingestion:
        return None
    return FetchPolicy(inside=networks(settings.url_ingestion_allowed_networks))


def _provider(settings: "Settings") -> Provider | None:
    if not settings.oidc_issuer:
        return None
    return Provider(
        Registration(
            issuer=settings.oidc_issuer,
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret.get_secret_value(),
            scopes=settings.oidc_scopes,
            groups_claim=settings.oidc_groups_claim,
        )
    )
