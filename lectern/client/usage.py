"""What was used over HTTP; for administrators."""

from lectern.api import UsageQuery, UsageReport
from lectern.client.connection import Connection


class Usage:
    """Documents, questions and tokens by day."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def report(self, query: UsageQuery | None = None) -> UsageReport:
        """Return what was used by day, per user or per collection.

        Raises:
            InvalidRequest: The days are in the wrong order, or too many.
        """
        asked = (query or UsageQuery()).model_dump(mode="json", exclude_defaults=True)
        return self._connection.fetch("catalog", "GET", "/v1/usage", UsageReport, query=asked)
