"""What was used, for administrators."""

from dataclasses import asdict
from datetime import UTC, date, datetime

from functions.catalog.service import administrator, api
from lectern.api import MOST_USAGE_DAYS, UsageEntry, UsageQuery, UsageReport
from lectern.errors import InvalidRequest
from lectern.serving.http import read_query

_USUAL_DAYS = 29


@api.route("GET", "/v1/usage", query=UsageQuery, reply=UsageReport)
def report_usage() -> UsageReport:
    """Return documents, bytes, questions and tokens by day, per user or per collection."""
    access = administrator()
    asked = read_query(UsageQuery)
    until = asked.until or datetime.now(UTC).date()
    since = asked.since or date.fromordinal(max(1, until.toordinal() - _USUAL_DAYS))
    if not 0 <= (until - since).days < MOST_USAGE_DAYS:
        raise InvalidRequest(
            f"'until' ({until}) has to be less than {MOST_USAGE_DAYS} days after 'since' ({since})"
        )
    found = access.catalog.usage.days(since=since, until=until, by=asked.by)
    return UsageReport(
        since=since,
        until=until,
        entries=[
            UsageEntry(day=e.day, subject_id=e.subject_id, name=e.name, **asdict(e.used))
            for e in found
        ],
    )
