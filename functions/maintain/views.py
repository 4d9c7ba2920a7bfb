"""Dead letters over HTTP, for administrators."""

from flask import request

from functions.maintain import undelivered
from functions.maintain.wiring import dependencies, letters, settings
from lectern.access import authenticate
from lectern.api import DeadLetterList
from lectern.publishing import HttpPublisher
from lectern.serving import Api

_NEWEST = 200


def broker() -> None:
    """Return if events can be published."""
    HttpPublisher(settings().broker_url, source="/lectern/maintain").check()


# The dead letter sink has to be ready while the catalog is not: keeping a letter needs the store.
api = Api("maintain", warm_up=letters, wants=broker)


@api.route("GET", "/v1/dead-letters", reply=DeadLetterList)
def list_dead_letters() -> DeadLetterList:
    """List the newest 200 dead letters, newest first."""
    _require_administrator()
    return DeadLetterList(dead_letters=list(letters().newest(_NEWEST)))


@api.route("POST", "/v1/dead-letters/<letter_id>/replay", status=204)
def replay_dead_letter(letter_id: str) -> None:
    """Publish the event once more and remove the letter; a failed document begins again."""
    _require_administrator()
    have = dependencies()
    undelivered.replay(letter_id, letters=letters(), catalog=have.catalog, publisher=have.publisher)


@api.route("DELETE", "/v1/dead-letters/<letter_id>", status=204)
def delete_dead_letter(letter_id: str) -> None:
    """Remove a dead letter; an unknown one is no error."""
    _require_administrator()
    letters().remove(letter_id)


def _require_administrator() -> None:
    authorization = request.headers.get("Authorization")
    authenticate(dependencies().catalog, authorization, scope="admin").require_administrator()
