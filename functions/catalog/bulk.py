"""One action on many documents, each of which succeeds or fails by itself."""

from collections.abc import Callable, Mapping
from functools import partial

from functions.catalog import changes
from functions.catalog.replies import changed_reply
from functions.catalog.service import api, caller
from functions.catalog.wiring import Dependencies, dependencies
from lectern.access import Access
from lectern.api import BulkAction, BulkReply, BulkRequest, BulkResult
from lectern.catalog.records import Collection, Document
from lectern.errors import LecternError, NotFound
from lectern.serving.http import read_body

_MOST_RECORDED = 200
_Action = Callable[[Dependencies, Document], Document]


@api.route("POST", "/v1/collections/<collection>/documents/bulk", body=BulkRequest, reply=BulkReply)
def change_many(collection: str) -> BulkReply:
    """Delete, restore, retry, reprocess, tag or untag documents of a collection. For editors.

    The answer has a result for every id. Documents of another collection are not found.
    """
    access = caller()
    found = access.collection(collection, role="editor")
    asked = read_body(BulkRequest)
    action = _action(asked)
    results = [
        _result(access, found, document_id, asked.action, action)
        for document_id in dict.fromkeys(asked.ids)
    ]
    done = sum(result.done for result in results)
    ids = [result.document_id for result in results if result.done]
    access.record(
        f"documents.{asked.action}",
        found.collection_id,
        documents=str(done),
        ids=" ".join(ids[:_MOST_RECORDED]),
    )
    return BulkReply(results=results)


def _action(asked: BulkRequest) -> _Action:
    actions: Mapping[BulkAction, _Action] = {
        "delete": changes.trash,
        "restore": changes.restore,
        "retry": changes.retry,
        "reprocess": changes.reprocess,
        "tag": partial(changes.edit, add_tags=asked.tags),
        "untag": partial(changes.edit, remove_tags=asked.tags),
    }
    return actions[asked.action]


def _result(
    access: Access, collection: Collection, document_id: str, name: BulkAction, action: _Action
) -> BulkResult:
    try:
        document = access.document(document_id, role="editor", trashed=name == "restore")
        if document.collection_id != collection.collection_id:
            raise NotFound(f"there is no document {document_id!r}")
        changed = action(dependencies(), document)
    except LecternError as error:
        return BulkResult(document_id=document_id, done=False, code=error.code, detail=error.detail)
    return BulkResult(document_id=document_id, done=True, document=changed_reply(access, changed))
