"""Opening a catalog whose tables are as new as this code."""

from dataclasses import dataclass

from lectern.catalog.accounts import SqlAccounts
from lectern.catalog.assistants import SqlAssistants
from lectern.catalog.auditing import SqlAudit
from lectern.catalog.collections import SqlCollections
from lectern.catalog.database import Database
from lectern.catalog.documents import SqlDocuments
from lectern.catalog.feedback import SqlFeedback
from lectern.catalog.groups import SqlGroups
from lectern.catalog.identities import SqlIdentities
from lectern.catalog.invitations import SqlInvitations
from lectern.catalog.limits import SqlSignInLimits
from lectern.catalog.models import SqlModelEntries
from lectern.catalog.people import SqlPeople
from lectern.catalog.port import Collections, Documents, People
from lectern.catalog.port_accounts import (
    Accounts,
    Audit,
    Groups,
    Identities,
    Invitations,
    Sessions,
    SignInLimits,
)
from lectern.catalog.port_assistants import Assistants
from lectern.catalog.port_conversations import (
    Conversations,
    Feedback,
    Preferences,
    Shares,
)
from lectern.catalog.port_models import ModelEntries
from lectern.catalog.port_tools import ToolServers
from lectern.catalog.port_usage import Usage
from lectern.catalog.preferences import SqlPreferences
from lectern.catalog.sessions import SqlSessions
from lectern.catalog.shares import SqlShares
from lectern.catalog.tool_servers import SqlToolServers
from lectern.catalog.turns import SqlConversations
from lectern.catalog.usage import SqlUsage
from lectern.catalog.versions import require_usable, stored_version
from lectern.errors import TransientError


@dataclass(slots=True)
class SqlCatalog:
    """See `Catalog`."""

    database: Database
    people: People
    accounts: Accounts
    sessions: Sessions
    sign_in_limits: SignInLimits
    groups: Groups
    invitations: Invitations
    identities: Identities
    audit: Audit
    collections: Collections
    documents: Documents
    conversations: Conversations
    shares: Shares
    feedback: Feedback
    preferences: Preferences
    usage: Usage
    models: ModelEntries
    tool_servers: ToolServers
    assistants: Assistants

    def close(self) -> None:
        """See `Catalog.close`."""
        self.database.close()


def open_database(url: str) -> SqlCatalog:
    """Return the catalog at `url`; see `lectern.catalog.open_catalog`."""
    database = Database(url)
    try:
        _require_current_tables(database)
    except TransientError:
        database.close()
        raise
    return SqlCatalog(
        database=database,
        people=SqlPeople(database),
        accounts=SqlAccounts(database),
        sessions=SqlSessions(database),
        sign_in_limits=SqlSignInLimits(database),
        groups=SqlGroups(database),
        invitations=SqlInvitations(database),
        identities=SqlIdentities(database),
        audit=SqlAudit(database),
        collections=SqlCollections(database),
        documents=SqlDocuments(database),
        conversations=SqlConversations(database),
        shares=SqlShares(database),
        feedback=SqlFeedback(database),
        preferences=SqlPreferences(database),
        usage=SqlUsage(database),
        models=SqlModelEntries(database),
        tool_servers=SqlToolServers(database),
        assistants=SqlAssistants(database),
    )


def _require_current_tables(database: Database) -> None:
    if database.file is not None and not database.file.exists():
        require_usable("")  # connecting would leave an empty file behind
    require_usable(database.read(stored_version))
