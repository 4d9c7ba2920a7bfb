"""Dead letters."""

from datetime import datetime

from lectern.api.bodies import Reply


class DeadLetter(Reply):
    """An event that could not be delivered."""

    letter_id: str
    event_type: str
    subject: str
    error_code: str
    error_detail: str
    destination: str
    stored_at: datetime


class DeadLetterList(Reply):
    """Dead letters, newest first."""

    dead_letters: list[DeadLetter]
