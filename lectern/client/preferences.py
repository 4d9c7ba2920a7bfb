"""The caller's own settings, and everybody's feedback for administrators."""

from collections.abc import Iterator

from lectern.api import (
    FeedbackEntry,
    FeedbackList,
    FeedbackQuery,
    UserSettingsChange,
    UserSettingsReply,
)
from lectern.client.connection import Connection

_SETTINGS = "/v1/settings"
_FEEDBACK = "/v1/feedback"


class OwnSettings:
    """Settings of the caller."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self) -> UserSettingsReply:
        """Return the settings in effect, the defaults, and which differ."""
        return self._connection.fetch("catalog", "GET", _SETTINGS, UserSettingsReply)

    def change(self, change: UserSettingsChange) -> UserSettingsReply:
        """Change some settings; return all as they are then."""
        return self._connection.fetch("catalog", "PATCH", _SETTINGS, UserSettingsReply, body=change)

    def reset(self) -> UserSettingsReply:
        """Return to the defaults; return them."""
        return self._connection.fetch("catalog", "DELETE", _SETTINGS, UserSettingsReply)


class AllFeedback:
    """Feedback of all users; every method raises `Forbidden` for who is no administrator."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self, query: FeedbackQuery | None = None) -> FeedbackList:
        """Return a page of feedback, latest first."""
        asked = (query or FeedbackQuery()).model_dump(exclude_defaults=True)
        return self._connection.fetch("catalog", "GET", _FEEDBACK, FeedbackList, query=asked)

    def all(self, query: FeedbackQuery | None = None) -> Iterator[FeedbackEntry]:
        """Yield all feedback that `query` matches, fetching page by page."""
        asked = query or FeedbackQuery()
        while True:
            page = self.list(asked)
            yield from page.feedback
            if not page.cursor:
                return
            asked = asked.model_copy(update={"cursor": page.cursor})

    def export(self) -> bytes:
        """Return every `EvaluationCase`, one JSON line each, latest first."""
        return self._connection.read("catalog", f"{_FEEDBACK}/export")
