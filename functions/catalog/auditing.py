"""The audit log, for administrators."""

from datetime import UTC, datetime

from functions.catalog.account_replies import audit_reply
from functions.catalog.service import administrator, api
from lectern.api import AuditList, AuditQuery
from lectern.errors import InvalidRequest
from lectern.serving.http import read_query


@api.route("GET", "/v1/audit", query=AuditQuery, reply=AuditList)
def list_audit() -> AuditList:
    """List who did what when, newest first."""
    access = administrator()
    asked = read_query(AuditQuery)
    found, cursor = access.catalog.audit.list(
        limit=asked.limit,
        cursor=asked.cursor,
        action=asked.action,
        actor_id=asked.actor,
        subject=asked.subject,
        since=_aware(asked.since),
        until=_aware(asked.until),
    )
    return AuditList(entries=[audit_reply(entry) for entry in found], cursor=cursor)


def _aware(time: datetime | None) -> datetime | None:
    """Return a time in UTC, which it means when it has no zone.

    Raises:
        InvalidRequest: It is beyond the calendar there.
    """
    if time is None or time.tzinfo is None:
        return time and time.replace(tzinfo=UTC)
    try:
        return time.astimezone(UTC)
    except OverflowError as error:
        raise InvalidRequest(f"there is no moment {time.isoformat()!r} in UTC") from error
