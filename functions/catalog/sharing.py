"""Who may do what in a collection, and how it is set up."""

from functions.catalog.replies import collection_reply
from functions.catalog.service import api, caller
from functions.catalog.setting_up import (
    require_choosable,
    require_configured,
    settings_reply,
)
from functions.catalog.wiring import dependencies
from lectern.access import Access
from lectern.api import (
    CollectionChange,
    CollectionReply,
    CollectionSettingsChange,
    CollectionSettingsReply,
    GrantList,
    GrantReply,
    GrantsRequest,
    OwnerRequest,
    PeopleList,
    PeopleQuery,
    PersonReply,
)
from lectern.catalog.records import Collection, Grant
from lectern.serving.http import read_body, read_query

_DETAIL_MAX = 1000
_COLLECTION = "/v1/collections/<collection>"


@api.route("PATCH", _COLLECTION, body=CollectionChange, reply=CollectionReply)
def rename_collection(collection: str) -> CollectionReply:
    """Give a collection another name; its slug stays. For its owner."""
    access = caller()
    found = access.collection(collection, role="owner")
    asked = read_body(CollectionChange)
    renamed = access.catalog.collections.rename(found.collection_id, asked.name)
    access.record("collection.renamed", found.collection_id)
    return collection_reply(renamed, "owner")


@api.route("GET", f"{_COLLECTION}/grants", reply=GrantList)
def list_grants(collection: str) -> GrantList:
    """List who may read or edit a collection beside its owner. For editors."""
    access = caller()
    return _grants(access, access.collection(collection, role="editor"))


@api.route("PUT", f"{_COLLECTION}/grants", body=GrantsRequest, reply=GrantList)
def replace_grants(collection: str) -> GrantList:
    """Replace who may read or edit a collection; who is left out loses the right. For its owner."""
    access = caller()
    found = access.collection(collection, role="owner")
    wanted = [
        Grant(kind=each.kind, role=each.role, grantee_id=each.id)
        for each in read_body(GrantsRequest).grants
        if each.id != found.owner_id
    ]
    access.catalog.collections.set_grants(found.collection_id, wanted)
    granted = ", ".join(f"{each.kind} {each.grantee_id} {each.role}" for each in wanted)
    access.record("collection.shared", found.collection_id, grants=granted[:_DETAIL_MAX])
    return _grants(access, found)


@api.route("POST", f"{_COLLECTION}/owner", body=OwnerRequest, reply=CollectionReply)
def transfer_collection(collection: str) -> CollectionReply:
    """Make somebody else the owner; the owner so far stays as an editor. For its owner."""
    access = caller()
    found = access.collection(collection, role="owner")
    asked = read_body(OwnerRequest)
    moved = access.catalog.collections.transfer(found.collection_id, asked.user_id)
    access.record("collection.transferred", found.collection_id, to=asked.user_id)
    return collection_reply(moved, access.role_in(moved.collection_id))


@api.route("GET", "/v1/people", query=PeopleQuery, reply=PeopleList)
def list_people() -> PeopleList:
    """Find users and groups to share with by their names. It says no more of them than that."""
    access = caller()
    asked = read_query(PeopleQuery)
    found = access.catalog.collections.grantees(asked.query, limit=asked.limit)
    return PeopleList(
        people=[
            PersonReply(kind=each.kind, id=each.grantee_id, name=each.name, account=each.account)
            for each in found
        ]
    )


@api.route("GET", f"{_COLLECTION}/settings", reply=CollectionSettingsReply)
def get_collection_settings(collection: str) -> CollectionSettingsReply:
    """Return how a collection is parsed and answered from."""
    needs = dependencies()
    return settings_reply(caller().collection(collection), needs.known_models(), needs.parsers)


@api.route(
    "PATCH",
    f"{_COLLECTION}/settings",
    body=CollectionSettingsChange,
    reply=CollectionSettingsReply,
)
def change_collection_settings(collection: str) -> CollectionSettingsReply:
    """Change the settings that are sent; null sets one back to its default. For its owner.

    What concerns reading counts for documents parsed from now on: reprocess the others. Another
    embedder counts once the collection is embedded anew.
    """
    access = caller()
    found = access.collection(collection, role="owner")
    changes = read_body(CollectionSettingsChange).model_dump(exclude_unset=True)
    needs = dependencies()
    known = needs.known_models()
    require_choosable(changes.get("embedder"), found, known)
    if changes.get("parser") != found.settings.parser:
        require_configured(changes.get("parser"), needs.parsers)
    changed = access.catalog.collections.change_settings(found.collection_id, changes)
    access.record("collection.configured", found.collection_id, settings=", ".join(changes))
    return settings_reply(changed, known, needs.parsers)


def _grants(access: Access, collection: Collection) -> GrantList:
    return GrantList(
        grants=[
            GrantReply(kind=grant.kind, id=grant.grantee_id, name=grant.name, role=grant.role)
            for grant in access.catalog.collections.grants(collection.collection_id)
        ]
    )
