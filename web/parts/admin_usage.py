"""Administration: what was used, by day, of whom and of what."""

import csv
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import streamlit as st

from lectern.api import UsageEntry, UsageQuery, UsageReport
from web.language import t
from web.parts.amounts import size_text
from web.parts.citations import plain
from web.session import lectern

_PERIODS = (7, 30, 90, 365)
_USUAL_PERIOD = 30
_AMOUNTS = (
    "questions",
    "failed",
    "documents",
    "size_bytes",
    "prompt_tokens",
    "completion_tokens",
    "embedding_tokens",
)
_MOST_SERIES = 6
_MOST_ROWS = 100
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@st.fragment(key="admin-usage")
def usage() -> None:
    """Show the amounts of a period as sums, by day, and for each person or collection."""
    st.caption(t("usage.text"))
    with st.container(horizontal=True, vertical_alignment="top", key="usage-choice"):
        by = st.segmented_control(
            t("usage.by"),
            ("user", "collection"),
            default="user",
            format_func=lambda each: t(f"usage.by_{each}"),
            key="usage-by",
            required=True,
        )
        days = st.selectbox(
            t("usage.period"),
            _PERIODS,
            index=_PERIODS.index(_USUAL_PERIOD),
            format_func=lambda count: t("usage.days", count=count),
            key="usage-days",
            width=160,
        )
        amount = st.selectbox(
            t("usage.amount"),
            _AMOUNTS,
            format_func=lambda each: t(f"usage.{each}"),
            key="usage-amount",
            width=200,
        )
    until = datetime.now(UTC).date()
    since = until - timedelta(days=days - 1)
    report = lectern().usage.report(UsageQuery(by=by, since=since, until=until))
    _totals(report.entries)
    if not report.entries:
        st.markdown(f":gray[{t('usage.none')}]")
        return
    st.echarts_chart(chart(report, amount), height=280, key="usage-chart", alt=t(f"usage.{amount}"))
    st.markdown(table(report.entries, by))
    st.download_button(
        t("usage.export"),
        as_csv(report.entries),
        file_name=f"usage-{by}-{since}-{until}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def chart(report: UsageReport, amount: str) -> dict[str, Any]:
    """Return stacked bars of an amount: the days side by side, its largest subjects by name."""
    length = (report.until - report.since).days + 1
    days = [(report.since + timedelta(days=each)).isoformat() for each in range(length)]
    sums: defaultdict[str, int] = defaultdict(int)
    for entry in report.entries:
        sums[entry.subject_id] += getattr(entry, amount)
    largest = sorted(filter(sums.get, sums), key=lambda each: -sums[each])[:_MOST_SERIES]
    names = {entry.subject_id: _name(entry) for entry in report.entries}
    series: dict[str, list[int]] = {each: [0] * length for each in largest}
    rest = [0] * length
    for entry in report.entries:
        series.get(entry.subject_id, rest)[(entry.day - report.since).days] += getattr(
            entry, amount
        )
    shown = [(names[each], values) for each, values in series.items()]
    shown += [(t("usage.others"), rest)] if any(rest) else []
    return {
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "legend": {"type": "scroll", "bottom": 0},
        "grid": {"left": 8, "right": 8, "top": 16, "bottom": 36, "containLabel": True},
        "xAxis": {"type": "category", "data": days},
        "yAxis": {"type": "value", "minInterval": 1},
        "series": [
            {"name": name, "type": "bar", "stack": "all", "data": values} for name, values in shown
        ],
    }


def table(entries: Sequence[UsageEntry], by: str) -> str:
    """Return the sums of each subject as a Markdown table, those with most questions first."""
    sums = _sums(entries)
    names = {entry.subject_id: _name(entry) for entry in entries}
    ordered = sorted(sums, key=lambda each: (-sums[each]["questions"], names[each]))[:_MOST_ROWS]
    heads = [t(f"usage.by_{by}"), *(t(f"usage.{amount}") for amount in _AMOUNTS)]
    rows = [heads, ["---", *("---:" for _ in _AMOUNTS)]]
    rows += [
        [plain(names[each]), *(_shown(a, sums[each][a]) for a in _AMOUNTS)] for each in ordered
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def as_csv(entries: Sequence[UsageEntry]) -> str:
    """Return the entries as CSV, which no spreadsheet takes for formulas."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["day", "id", "name", *_AMOUNTS])
    for entry in entries:
        name = f"'{entry.name}" if entry.name.startswith(_FORMULA) else entry.name
        amounts = (getattr(entry, amount) for amount in _AMOUNTS)
        writer.writerow([entry.day.isoformat(), entry.subject_id, name, *amounts])
    return "\ufeff" + text.getvalue()  # so that spreadsheets read it as UTF-8


def _totals(entries: Sequence[UsageEntry]) -> None:
    with st.container(horizontal=True, key="usage-totals"):
        for amount in _AMOUNTS:
            total = sum(getattr(entry, amount) for entry in entries)
            st.metric(t(f"usage.{amount}"), _shown(amount, total), width=120)


def _sums(entries: Sequence[UsageEntry]) -> Mapping[str, Mapping[str, int]]:
    sums: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for entry in entries:
        for amount in _AMOUNTS:
            sums[entry.subject_id][amount] += getattr(entry, amount)
    return sums


def _shown(amount: str, value: int) -> str:
    return size_text(value) if amount == "size_bytes" else f"{value:,}"


def _name(entry: UsageEntry) -> str:
    if entry.name:
        return entry.name
    return t("usage.gone", id=entry.subject_id[:6]) if entry.subject_id else t("usage.several")
