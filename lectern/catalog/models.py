"""The models of this installation, which of them serve what, and what may be spent on them."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, fields, replace
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from lectern.catalog.database import Database, reads, take_turns, writes
from lectern.catalog.port_models import ModelBudget, ModelEntry, ModelRegistry, ModelUse
from lectern.catalog.rows import now
from lectern.catalog.spelling import composed, folded
from lectern.catalog.tables_models import model_budgets, model_choices, model_entries
from lectern.documents import new_id
from lectern.errors import InvalidRequest, NotFound

_FIELDS = [field.name for field in fields(ModelEntry)]


class SqlModelEntries:
    """See `ModelEntries`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def registry(self) -> ModelRegistry:
        """See `ModelEntries.registry`."""
        return self.database.snapshot(_registry)

    @reads
    def get(self, connection: Connection, model_id: str) -> ModelEntry | None:
        """See `ModelEntries.get`."""
        row = connection.execute(
            select(model_entries).where(model_entries.c.model_id == model_id)
        ).first()
        return _entry(row) if row else None

    @writes
    def create(self, connection: Connection, entry: ModelEntry) -> ModelEntry:
        """See `ModelEntries.create`."""
        take_turns(connection, "models")
        made = replace(entry, model_id=new_id(), name=composed(entry.name), version=1)
        _require_free(connection, made)
        connection.execute(
            insert(model_entries).values(
                **asdict(made), name_folded=folded(made.name), created_at=now()
            )
        )
        return made

    @writes
    def change(self, connection: Connection, entry: ModelEntry) -> ModelEntry:
        """See `ModelEntries.change`."""
        take_turns(connection, "models")
        mine = model_entries.c.model_id == entry.model_id
        stored = connection.execute(select(model_entries.c.version).where(mine)).scalar()
        if stored is None:
            raise NotFound(f"there is no model {entry.model_id!r}")
        if stored != entry.version:
            raise InvalidRequest(
                f"the model {entry.name!r} was changed meanwhile; look at it and change it again",
                code="model_changed",
            )
        changed = replace(entry, name=composed(entry.name), version=entry.version + 1)
        _require_free(connection, changed)
        connection.execute(
            update(model_entries)
            .where(mine)
            .values(**asdict(changed), name_folded=folded(changed.name))
        )
        return changed

    @writes
    def delete(self, connection: Connection, model_id: str) -> None:
        """See `ModelEntries.delete`."""
        connection.execute(delete(model_choices).where(model_choices.c.model_id == model_id))
        connection.execute(delete(model_entries).where(model_entries.c.model_id == model_id))

    @writes
    def choose(self, connection: Connection, use: ModelUse, model_ids: Sequence[str]) -> None:
        """See `ModelEntries.choose`."""
        take_turns(connection, f"models.{use}")
        connection.execute(delete(model_choices).where(model_choices.c.use == use))
        for position, model_id in enumerate(dict.fromkeys(model_ids)):
            connection.execute(
                insert(model_choices).values(use=use, position=position, model_id=model_id)
            )

    @writes
    def set_budget(self, connection: Connection, budget: ModelBudget) -> None:
        """See `ModelEntries.set_budget`."""
        take_turns(connection, "models.budgets")
        connection.execute(
            delete(model_budgets).where(
                model_budgets.c.subject == budget.subject,
                model_budgets.c.subject_id == budget.subject_id,
            )
        )
        if budget.tokens is not None or budget.cost_micros is not None:
            connection.execute(insert(model_budgets).values(**asdict(budget)))

    @writes
    def reseal(self, connection: Connection, rotate: Callable[[str], str]) -> int:
        """See `ModelEntries.reseal`."""
        sealed = connection.execute(
            select(model_entries.c.model_id, model_entries.c.sealed_key)
            .where(model_entries.c.sealed_key != "")
            .with_for_update()
        ).all()
        for row in sealed:
            connection.execute(
                update(model_entries)
                .where(model_entries.c.model_id == row.model_id)
                .values(sealed_key=rotate(row.sealed_key), version=model_entries.c.version + 1)
            )
        return len(sealed)


def _registry(connection: Connection) -> ModelRegistry:
    entries = connection.execute(select(model_entries).order_by(model_entries.c.name_folded))
    choices: dict[ModelUse, list[str]] = {}
    ordered = select(model_choices).order_by(model_choices.c.use, model_choices.c.position)
    found = [_entry(row) for row in entries]
    for row in connection.execute(ordered):
        choices.setdefault(row.use, []).append(row.model_id)
    budgets = connection.execute(
        select(model_budgets).order_by(model_budgets.c.subject, model_budgets.c.subject_id)
    )
    return ModelRegistry(found, choices, [ModelBudget(**row._mapping) for row in budgets])  # noqa: SLF001 - SQLAlchemy's public name of it


def _entry(row: Row[Any]) -> ModelEntry:
    return ModelEntry(**{name: getattr(row, name) for name in _FIELDS})


def _require_free(connection: Connection, entry: ModelEntry) -> None:
    same = select(model_entries.c.model_id).where(
        model_entries.c.name_folded == folded(entry.name),
        model_entries.c.model_id != entry.model_id,
    )
    if connection.execute(same).first() is not None:
        raise InvalidRequest(
            f"there is a model {entry.name!r} already; choose another name", code="name_taken"
        )
