"""Handing what one user owns to another, before the first is removed."""

from itertools import count
from typing import Any

from sqlalchemy import Connection, Row, select, update

from lectern.catalog.enrolling import user_row
from lectern.catalog.tables import collections, documents
from lectern.catalog.tables_assistants import assistants
from lectern.errors import InvalidRequest


def hand_over(connection: Connection, user: Row[Any], heir_id: str) -> None:
    """Make `heir_id` the owner of the user's collections, documents and shared assistants.

    Without an heir, assistants go with their owner. A collection whose name the heir has already
    gets the former owner's name behind its own. The caller has taken its turn about "collections".

    Raises:
        NotFound: There is no such heir.
        InvalidRequest: The user owns something and no other user is named.
    """
    if heir_id and heir_id != user.user_id:
        user_row(connection, heir_id)
        shared = (assistants.c.owner_id == user.user_id) & assistants.c.shared
        connection.execute(update(assistants).where(shared).values(owner_id=heir_id))
    owned = collections.c.owner_id == user.user_id
    theirs = connection.execute(select(collections).where(owned).with_for_update()).all()
    uploaded = documents.c.owner_id == user.user_id
    if not theirs and not connection.execute(select(documents).where(uploaded).limit(1)).first():
        return
    if not heir_id or heir_id == user.user_id:
        raise InvalidRequest(
            f"{user.name!r} owns collections or documents; name who shall own them with "
            "`transfer_to`",
            code="user_owns_content",
        )
    has = select(collections.c.name).where(collections.c.owner_id == heir_id)
    taken = set(connection.execute(has).scalars())
    for collection in theirs:
        candidates = (
            collection.name
            if number == 0
            else f"{collection.name[:90]} ({user.name}{'' if number == 1 else f' {number}'})"
            for number in count()
        )
        name = next(candidate for candidate in candidates if candidate not in taken)
        taken.add(name)
        connection.execute(
            update(collections)
            .where(collections.c.collection_id == collection.collection_id)
            .values(owner_id=heir_id, name=name)
        )
    connection.execute(update(documents).where(uploaded).values(owner_id=heir_id))
