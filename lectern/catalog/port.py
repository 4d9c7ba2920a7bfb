"""What Lectern asks of its catalog: the truth about documents, collections and people.

One implementation over SQLAlchemy serves SQLite and PostgreSQL. Every method is one transaction
and may raise `TransientError` when the database cannot be reached or is locked too long.
"""

from typing import Protocol

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
from lectern.catalog.port_collections import Collections, People
from lectern.catalog.port_conversations import (
    Conversations,
    Feedback,
    Preferences,
    Shares,
)
from lectern.catalog.port_documents import Documents
from lectern.catalog.port_models import ModelEntries
from lectern.catalog.port_tools import ToolServers
from lectern.catalog.port_usage import Usage

__all__ = ["Catalog", "Collections", "Documents", "People"]


class Catalog(Protocol):
    """The catalog as one value; open it once per process, after the server forked."""

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
        """Give back every connection."""
        ...
