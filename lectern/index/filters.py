"""Conditions on rows, as the SQL that LanceDB evaluates before it searches."""

from collections.abc import Iterable

from lectern.index.rows import SearchFilter


def quoted(value: str) -> str:
    """Return `value` as an SQL string literal."""
    return "'" + value.replace("'", "''") + "'"


def any_of(column: str, values: Iterable[str | int]) -> str:
    """Return the condition that `column` holds one of `values`, of which there is at least one."""
    literals = [quoted(value) if isinstance(value, str) else str(value) for value in values]
    return f"{column} IN ({', '.join(literals)})"


def listed(values: Iterable[str]) -> str:
    """Return `values`, each once, as an SQL list of strings."""
    literals = ", ".join(quoted(value) for value in dict.fromkeys(values))
    return f"[{literals}]" if literals else "arrow_cast([], 'List(Utf8)')"


def of_part(document_id: str, revision: int, part: int) -> str:
    """Return the condition for the rows of one part."""
    return f"(document_id = {quoted(document_id)} AND revision = {revision} AND part = {part})"


def of_document(document_id: str, *, before_revision: int | None = None) -> str:
    """Return the condition for the rows of a document, or only of its older revisions."""
    condition = f"document_id = {quoted(document_id)}"
    return condition if before_revision is None else f"{condition} AND revision < {before_revision}"


def of_search(where: SearchFilter) -> str:
    """Return the condition for `where`, or "" if it does not restrict."""
    conditions = [
        any_of(column, dict.fromkeys(values))
        for column, values in (
            ("document_id", where.document_ids),
            ("kind", where.kinds),
            ("page_number", where.page_numbers),
        )
        if values
    ]
    if where.tags:
        conditions.append(f"array_has_any(tags, {listed(where.tags)})")
    return " AND ".join(conditions)
