"""Scatter and gather under any interleaving of duplicates: exactly one completion."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from lectern.catalog import migrate, open_catalog
from lectern.catalog.port import Catalog
from lectern.catalog.records import Failure, PartPlan
from lectern.documents import DocumentState, new_id
from lectern.settings import Settings

PARTS = st.integers(min_value=1, max_value=4)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    settings = Settings(home=Path(tmp_path_factory.mktemp("home")))
    migrate(settings)
    catalog = open_catalog(settings)
    yield catalog
    catalog.close()


def machine(catalog: Catalog) -> type[RuleBasedStateMachine]:  # noqa: C901 - a class of rules
    """Return the state machine of one document after another in `catalog`."""
    owner = catalog.people.ensure_owner("owner")
    collection = catalog.collections.ensure("papers", owner.user_id)

    class Gathering(RuleBasedStateMachine):
        """One document; the model is the set of its embedded parts and how often it completed."""

        def __init__(self) -> None:
            super().__init__()
            self.document_id = ""
            self.upload()

        @rule()
        def upload(self) -> None:
            reserved = catalog.documents.reserve(
                collection.collection_id,
                owner.user_id,
                self.name if self.document_id else new_id(),
            )
            registration = catalog.documents.confirm(
                reserved.document_id, reserved.revision, size_bytes=1, sha256=new_id()
            )
            self.name = registration.document.name
            self.document_id, self.revision = reserved.document_id, reserved.revision
            self.planned = 0
            self.embedded: set[int] = set()
            self.completions = 0

        @rule(parts=PARTS, parsed=st.booleans())
        def plan(self, parts: int, *, parsed: bool) -> None:
            plans = [PartPlan(n, n, n, "key" if parsed else "", 1) for n in range(1, parts + 1)]
            made = catalog.documents.plan_parts(self.document_id, self.revision, plans, pages=parts)
            assert made is not None
            self.planned = self.planned or parts
            assert len(made) == self.planned

        @rule(part=PARTS)
        def parsed(self, part: int) -> None:
            known = catalog.documents.part_parsed(
                self.document_id, self.revision, part, chunks_key="key", chunk_count=1
            )
            assert known == (part <= self.planned)

        @rule(part=PARTS)
        def embedded_by_an_event(self, part: int) -> None:
            completed = catalog.documents.part_embedded(self.document_id, self.revision, part)
            if part <= self.planned:
                self.embedded.add(part)
            self.completions += completed

        @rule()
        def finish(self) -> None:
            finished = catalog.documents.finish(self.document_id, self.revision)
            assert finished == self.complete

        @rule()
        def fail(self) -> None:
            failure = Failure("parse", "code", "detail")
            catalog.documents.fail(self.document_id, self.revision, failure)

        @precondition(lambda self: self.revision > 1)
        @rule(part=PARTS)
        def late_event_of_an_old_revision(self, part: int) -> None:
            old = self.revision - 1
            assert not catalog.documents.part_embedded(self.document_id, old, part)

        @property
        def complete(self) -> bool:
            return bool(self.planned) and len(self.embedded) == self.planned

        @invariant()
        def completed_exactly_when_the_last_part_was_embedded(self) -> None:
            assert self.completions == self.complete
            found = catalog.documents.get(self.document_id)
            assert found is not None
            assert found.parts_done == len(self.embedded)
            searchable = found.state in {DocumentState.INDEXED, DocumentState.READY}
            assert not searchable or self.complete

    return Gathering


def test_any_interleaving_completes_a_revision_exactly_once(catalog: Catalog) -> None:
    run_state_machine_as_test(
        machine(catalog),
        settings=hypothesis_settings(max_examples=25, stateful_step_count=20, deadline=None),
    )
