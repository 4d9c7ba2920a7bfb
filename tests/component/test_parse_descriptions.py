"""Figures and tables described by a model while a document is parsed: scripted, over real HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lectern.catalog.port_models import ModelBudget, ModelEntry
from lectern.catalog.port_usage import Used
from lectern.documents import Chunk
from tests.component.pdf_files import PdfPage, picture, pymupdf, text
from tests.component.test_parse import World, pdf_of
from tests.component.test_parse import sandbox as sandbox  # noqa: PLC0414 - a fixture
from tests.component.test_parse import world as world  # noqa: PLC0414 - a fixture
from tests.provider.chat import Script, ScriptedChat, refusal

SEEN = (
    "A bar chart of pump pressure.\n\n![x](https://attacker.example/?q) The third bar is highest."
)
TABLE = b"""# Valves

| Valve | Bar |
|---|---|
| Inlet | 9 |
| Outlet | 4 |
| Relief | 12 |
| Drain | 1 |
"""


@pytest.fixture
def seer(world: World) -> Iterator[ScriptedChat]:
    """A model that is chosen for pictures."""
    with ScriptedChat(Script(text=SEEN)).running() as provider:
        entry = ModelEntry("", "Seer", "chat", provider.url, "seer-1", sees_images=True)
        made = world.catalog.models.create(entry)
        world.catalog.models.choose("vision", [made.model_id])
        yield provider


def pump(page: PdfPage) -> None:
    page.insert_image(pymupdf.Rect(100, 200, 400, 320), stream=picture())
    text(page, 100, 335, "Figure 2: The pump", 10)


def chunks_of(world: World, name: str, data: bytes) -> list[Chunk]:
    world.stage.parse_document(world.upload(name, data))
    return [chunk for event in world.publisher.take() for chunk in world.read(event).chunks]


def test_a_figure_is_described_beside_its_caption(
    world: World, tmp_path: Path, seer: ScriptedChat
) -> None:
    figure, said = chunks_of(world, "a.pdf", pdf_of(tmp_path, pump))

    assert (figure.kind, said.kind) == ("figure", "description")
    assert said.text.startswith("A bar chart of pump pressure. ![x]")
    assert (said.figure_key, said.page_number) == (figure.figure_key, 1)
    [line] = said.lines
    assert (line.start, line.end) == (0, len(said.text))
    assert (line.x0, line.y0) == figure.lines[0].box[:2], "a citation of it points at the figure"
    assert line.y1 == figure.lines[-1].y1, "with its caption"
    assert said.chunk_id != figure.chunk_id
    [asked] = seer.requests
    content = asked.body["messages"][-1]["content"]
    assert [part["type"] for part in content] == ["image_url", "text"]
    assert "Figure 2: The pump" in content[1]["text"]


def test_the_announced_count_has_the_descriptions(
    world: World, tmp_path: Path, seer: ScriptedChat
) -> None:
    world.stage.parse_document(world.upload("a.pdf", pdf_of(tmp_path, pump)))

    [event] = world.publisher.events
    assert event.chunk_count == len(world.read(event).chunks) == 2  # type: ignore[attr-defined]


def test_a_table_of_some_size_is_summed_up_and_a_small_one_speaks_for_itself(
    world: World, seer: ScriptedChat
) -> None:
    seer.play(Script(text="The relief valve opens at 12 bar."))
    small = b"| Valve | Bar |\n|---|---|\n| Inlet | 9 |\n"

    large = chunks_of(world, "large.md", TABLE)

    assert [chunk.kind for chunk in large] == ["text", "table", "description"]
    assert large[2].text == "The relief valve opens at 12 bar."
    assert large[2].heading_path == ("Valves",)
    assert "| Relief | 12 |" in seer.requests[0].prompt
    assert {chunk.kind for chunk in chunks_of(world, "small.md", small)} == {"table"}


def test_a_large_document_is_described_part_by_part(
    world: World, tmp_path: Path, seer: ScriptedChat
) -> None:
    world.stage.parse_document(world.upload("a.pdf", pdf_of(tmp_path, pump, pump, pump)))
    for assigned in world.publisher.take():
        world.stage.parse_part(assigned)  # type: ignore[arg-type]

    parts = [world.read(event) for event in world.publisher.take()]
    assert [[c.kind for c in part.chunks].count("description") for part in parts] == [1, 1]
    assert len(seer.requests) == 2, "one picture of a part is described once"


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(refusal(401, "no such key"), id="wrong key"),
        pytest.param(Script(status=503, error={"message": "busy"}), id="down"),
        pytest.param(Script(text="", raw=b"not a stream"), id="garbage"),
        pytest.param(Script(text="   "), id="nothing said"),
    ],
)
def test_a_model_in_trouble_leaves_the_document_as_it_is(
    world: World, tmp_path: Path, seer: ScriptedChat, script: Script
) -> None:
    seer.play(script)

    [figure] = chunks_of(world, "a.pdf", pdf_of(tmp_path, pump))

    assert (figure.kind, figure.text) == ("figure", "Figure 2: The pump")
    assert seer.requests


def test_after_trouble_no_other_part_of_a_delivery_is_described(
    world: World, seer: ScriptedChat
) -> None:
    seer.play(Script(status=503, error={"message": "busy"}))
    long = (b"# One\n\n" + b"Words of a paragraph. " * 40 + b"\n\n" + TABLE) * 60

    world.stage.parse_document(world.upload("long.md", long))

    parts = world.publisher.take()
    assert len(parts) > 1
    tables = sum(c.kind == "table" for part in parts for c in world.read(part).chunks)
    assert tables == 60
    assert len(seer.requests) <= 4 * 3, "four at once, each tried three times"


def test_without_a_model_chosen_for_pictures_none_is_asked(world: World, tmp_path: Path) -> None:
    with ScriptedChat().running() as provider:
        entry = ModelEntry("", "Writer", "chat", provider.url, "writer-1", sees_images=True)
        made = world.catalog.models.create(entry)
        world.catalog.models.choose("answer", [made.model_id])

        [figure] = chunks_of(world, "a.pdf", pdf_of(tmp_path, pump))

        assert (figure.kind, provider.requests) == ("figure", [])


def test_an_answering_model_does_not_stand_in_for_the_one_chosen_for_pictures(
    world: World, tmp_path: Path, seer: ScriptedChat
) -> None:
    seer.play(Script(status=503, error={"message": "busy"}))
    with ScriptedChat().running() as provider:
        entry = ModelEntry("", "Writer", "chat", provider.url, "writer-1", sees_images=True)
        world.catalog.models.choose("answer", [world.catalog.models.create(entry).model_id])

        [figure] = chunks_of(world, "a.pdf", pdf_of(tmp_path, pump))

        assert (figure.kind, provider.requests) == ("figure", [])
    assert seer.requests


def test_a_collection_can_do_without(world: World, tmp_path: Path, seer: ScriptedChat) -> None:
    world.catalog.collections.change_settings(world.collection_id, {"describe_figures": False})

    [figure] = chunks_of(world, "a.pdf", pdf_of(tmp_path, pump))

    assert (figure.kind, seer.requests) == ("figure", [])


def test_what_it_takes_is_counted_for_the_collection_whose_budget_holds(
    world: World, tmp_path: Path, seer: ScriptedChat
) -> None:
    def spent() -> Used:
        today = datetime.now(UTC).date()
        return world.catalog.usage.total(world.collection_id, since=today, by="collection")

    chunks_of(world, "a.pdf", pdf_of(tmp_path, pump))
    first = spent()
    world.catalog.models.set_budget(ModelBudget("collection", world.collection_id, tokens=1))
    time_passes(world)

    [figure] = chunks_of(world, "b.pdf", pdf_of(tmp_path, pump))

    assert first.prompt_tokens > 0
    assert figure.kind == "figure"
    assert spent().prompt_tokens == first.prompt_tokens
    assert len(seer.requests) == 1


def time_passes(world: World) -> None:
    """Have the registry read anew at once."""
    world.stage.describing.models._read_at = float("-inf")


def test_a_long_description_is_cut_at_a_sentence(
    world: World, tmp_path: Path, seer: ScriptedChat
) -> None:
    sentence = "The pressure rises from one bar to the next one by a little more than before. "
    seer.play(Script(text=sentence * 40, piece_characters=500))

    _, said = chunks_of(world, "a.pdf", pdf_of(tmp_path, pump))

    assert len(said.text) < 800
    assert said.text.endswith("before.")
