"""The contract of `CollectionIndex`, on a folder and on S3."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from pydantic import SecretStr

from lectern.documents import Chunk, Line, chunk_id
from lectern.errors import PermanentError
from lectern.index import collection_index, text_digest
from lectern.index.port import CollectionIndex
from lectern.index.rows import ChunkRow, MentionRow, SearchFilter, SubjectRow
from lectern.settings import Settings

DIMENSIONS = 16
EVERYTHING = SearchFilter()


def unit(seed: int, dimensions: int = DIMENSIONS) -> np.ndarray:
    vector = np.random.default_rng(seed).standard_normal(dimensions).astype(np.float32)
    return vector / np.linalg.norm(vector)


def row(
    ordinal: int,
    text: str,
    *,
    document: str = "doc",
    revision: int = 1,
    part: int = 1,
    dimensions: int = DIMENSIONS,
    tags: tuple[str, ...] = (),
    **fields: object,
) -> ChunkRow:
    chunk = Chunk(
        chunk_id=chunk_id(document, revision, part, ordinal),
        document_id=document,
        revision=revision,
        part=part,
        ordinal=ordinal,
        page_number=fields.pop("page_number", 1),
        text=text,
        **fields,
    )
    return ChunkRow(chunk, unit(ordinal, dimensions), f"{document}.pdf", tags)


def texts(hits: Sequence[object]) -> list[str]:
    return [hit.row.chunk.text for hit in hits]


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    if request.param == "folder":
        return Settings(home=tmp_path)
    import boto3

    endpoint = request.getfixturevalue("s3_endpoint")
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    bucket = f"b{abs(hash(str(tmp_path)))}"
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", **keys)
    client.create_bucket(Bucket=bucket)
    return Settings(
        home=tmp_path,
        store=f"s3://{bucket}/lectern",
        s3_endpoint=endpoint,
        s3_access_key="test",
        s3_secret_key=SecretStr("test"),
    )


@pytest.fixture
def index(settings: Settings) -> CollectionIndex:
    return collection_index(settings, "c1")


def test_a_collection_nothing_was_written_to_answers_with_nothing(index: CollectionIndex) -> None:
    assert not index.search_vector(unit(1), where=EVERYTHING, limit=5)
    assert not index.search_text("anything", where=EVERYTHING, limit=5)
    assert not index.chunks("doc")
    assert not index.chunks_by_id(["doc.1.0001.00000"])
    assert not index.known_vectors([text_digest("x")])
    assert index.count() == 0
    assert index.held() == {}
    assert index.upkeep().rows == 0
    index.replace_part("doc", 1, 1, [])
    index.delete_document("doc")
    index.drop()


def test_a_chunk_comes_back_as_it_was_written(index: CollectionIndex) -> None:
    written = row(
        0,
        'It\'s a "quoted" text\u2028of lines 한국어 \U0001f600',
        tags=("a'b", "한글"),
        heading_path=("One", "1.1 Two"),
        kind="table",
        page_number=3,
        char_start=5,
        char_end=50,
        lines=(Line(0, 4, 72.01, 700.5, 80, 712.33), Line(5, 20, 0, 0, 595.28, 841.89)),
        figure_key="figures/c1/doc/1/part-0001-0001.png",
    )
    index.replace_part("doc", 1, 1, [written])

    (hit,) = index.search_vector(written.vector, where=EVERYTHING, limit=5)

    assert hit.row.chunk == written.chunk
    assert hit.row.tags == written.tags
    assert hit.row.document_name == "doc.pdf"
    assert hit.distance == pytest.approx(0, abs=1e-3)
    assert index.chunks_by_id([written.chunk.chunk_id, "gone"]) == {written.chunk.chunk_id: hit.row}


def test_replacing_a_part_leaves_exactly_its_new_rows(index: CollectionIndex) -> None:
    index.replace_part("doc", 1, 1, [row(i, f"first {i}") for i in range(5)])
    index.replace_part("doc", 1, 2, [row(0, "other part", part=2)])
    index.replace_part("doc", 1, 1, [row(0, "second 0"), row(1, "second 1"), row(1, "second 1b")])

    assert [stored.chunk.text for stored in index.chunks("doc")] == [
        "second 0",
        "second 1b",
        "other part",
    ]
    assert not index.search_text("first", where=EVERYTHING, limit=5)

    index.replace_part("doc", 1, 1, [])

    assert index.count("doc") == index.count() == 1


def test_every_change_is_a_version_of_its_own(index: CollectionIndex) -> None:
    before = index.version()
    index.replace_part("doc", 1, 1, [row(0, "words")])
    written = index.version()
    index.search_text("words", where=EVERYTHING, limit=5)

    assert before == 0
    assert index.version() == written > 0
    index.delete_document("doc")
    assert index.version() > written


def test_deleting_a_document_leaves_the_others(index: CollectionIndex) -> None:
    index.replace_part("doc", 1, 1, [row(0, "old")])
    index.replace_part("doc", 2, 1, [row(0, "new", revision=2)])
    index.replace_part("it's", 1, 1, [row(0, "other", document="it's")])
    subject = SubjectRow("s1", "doc", 1, 1, "Old", "title")
    index.replace_subjects("doc", 1, 1, [subject], [])

    index.delete_document("doc", before_revision=2)

    assert [stored.chunk.text for stored in index.chunks("doc")] == ["new"]
    assert not index.subjects("doc")

    index.delete_document("doc")
    index.delete_document("doc")

    assert index.count("doc") == 0
    assert index.count("it's") == 1


def test_rows_are_counted_by_document_and_revision(index: CollectionIndex) -> None:
    index.replace_part("doc", 1, 1, [row(i, f"first {i}") for i in range(3)])
    index.replace_part("doc", 1, 2, [row(0, "other part", part=2)])
    index.replace_part("doc", 2, 1, [row(0, "newer", revision=2)])

    assert index.held() == {("doc", 1): 4, ("doc", 2): 1}


def test_chunks_are_paged_in_reading_order(index: CollectionIndex) -> None:
    for revision, part in ((10, 2), (10, 1), (9, 1)):
        rows = [row(i, f"{revision}.{part}.{i}", revision=revision, part=part) for i in range(2)]
        index.replace_part("doc", revision, part, rows)

    window = index.chunks("doc", offset=1, limit=4)

    assert [stored.chunk.text for stored in window] == ["9.1.1", "10.1.0", "10.1.1", "10.2.0"]


@pytest.mark.parametrize("limit", [3, 10])
def test_filters_apply_before_the_search(index: CollectionIndex, limit: int) -> None:
    many = [row(i, "the common words of all", document="big") for i in range(2_000)]
    index.replace_part("big", 1, 1, many)
    few = [
        row(i, "the common words", document="few", part=2, tags=("kept",), page_number=7)
        for i in range(3)
    ]
    index.replace_part("few", 1, 2, few)

    for where in (
        SearchFilter(document_ids=("few",)),
        SearchFilter(tags=("kept", "x'y")),
        SearchFilter(page_numbers=(7,), kinds=("text", "table")),
    ):
        assert len(index.search_vector(unit(99), where=where, limit=limit)) == 3
        assert len(index.search_text("common", where=where, limit=limit)) == 3
    assert not index.search_text("common", where=SearchFilter(kinds=("figure",)), limit=limit)


@pytest.mark.parametrize(
    ("question", "found"),
    [
        pytest.param("문서", "문서를 검색합니다", id="Korean, particle in the text"),
        pytest.param(
            "쿠버네티스에서", "쿠버네티스 클러스터", id="Korean, particle in the question"
        ),
        pytest.param("文書検索", "日本語の文書検索システム", id="Japanese"),
        pytest.param("北京", "我住在北京市", id="Chinese"),
        pytest.param("cafe", "Le café est fermé", id="accents"),
        pytest.param("x-1042", "Error X-1042 occurred", id="identifier"),
        pytest.param("ДИЗЕЛЬ", "дизель и цена", id="Cyrillic"),
    ],
)
def test_full_text_finds_every_language(index: CollectionIndex, question: str, found: str) -> None:
    others = ["nothing of the kind", "무관한 내용", "別の内容", "其他东西", "другое"]
    rows = [row(i, text) for i, text in enumerate([found, *others])]
    index.replace_part("doc", 1, 1, rows)

    assert texts(index.search_text(question, where=EVERYTHING, limit=5))[0] == found


def test_vectors_are_found_again_by_their_text(index: CollectionIndex) -> None:
    written = [row(i, f"text {i}") for i in range(3)]
    index.replace_part("doc", 1, 1, written)

    known = index.known_vectors([text_digest("text 1"), text_digest("never seen")])

    assert list(known) == [text_digest("text 1")]
    np.testing.assert_allclose(known[text_digest("text 1")], written[1].vector, atol=1e-3)
    assert known[text_digest("text 1")].dtype == np.float32
    assert not index.known_vectors([text_digest("never seen")])


def test_vectors_of_another_embedder_are_refused(index: CollectionIndex) -> None:
    index.replace_part("doc", 1, 1, [row(0, "text")])

    with pytest.raises(PermanentError) as write:
        index.replace_part("doc", 1, 2, [row(0, "text", part=2, dimensions=8)])
    with pytest.raises(PermanentError) as read:
        index.search_vector(unit(1, 8), where=EVERYTHING, limit=1)

    assert write.value.code == read.value.code == "embedder_mismatch"
    index.drop()
    index.replace_part("doc", 1, 2, [row(0, "text", part=2, dimensions=8)])
    assert index.count() == 1


def test_subjects_and_mentions_are_replaced_by_part(index: CollectionIndex) -> None:
    def subject(part: int, name: str) -> SubjectRow:
        return SubjectRow(name.lower(), "doc", 1, part, name, "acronym", "means", ("c1", "c2"))

    mention = MentionRow("m1", "doc", 1, 1, "API", "c1", (3, 14))
    index.replace_subjects("doc", 1, 1, [subject(1, "API"), subject(1, "SDK")], [mention])
    index.replace_subjects("doc", 1, 2, [subject(2, "API")], [])
    index.replace_subjects("doc", 1, 1, [subject(1, "API")], [mention])

    assert index.subjects("doc") == [subject(1, "API"), subject(2, "API")]
    assert index.mentions("doc") == [mention]

    index.delete_document("doc")

    assert not index.subjects("doc")
    assert not index.mentions("doc")


def test_two_handles_see_each_others_writes(
    settings: Settings, index: CollectionIndex, fresh: Callable[[Settings], CollectionIndex]
) -> None:
    other = fresh(settings)
    index.replace_part("doc", 1, 1, [row(0, "before")])
    assert other.count() == 1

    other.drop()
    other.replace_part("doc", 1, 1, [row(0, "after", dimensions=8)])

    assert texts(index.search_text("after", where=EVERYTHING, limit=5)) == ["after"]


@pytest.fixture
def fresh() -> Callable[[Settings], CollectionIndex]:
    return lambda settings: collection_index.__wrapped__(settings, "c1")


def test_upkeep_folds_new_rows_in_and_does_nothing_twice(index: CollectionIndex) -> None:
    index.replace_part("doc", 1, 1, [row(i, f"text number {i}") for i in range(600)])

    first, second = index.upkeep(), index.upkeep()

    assert (first.rows, first.unindexed_rows_before, first.unindexed_rows_after) == (600, 600, 0)
    assert second.unindexed_rows_before == 0
    assert second.seconds < first.seconds
    assert texts(index.search_text("599", where=EVERYTHING, limit=5)) == ["text number 599"]


def test_a_large_collection_gets_a_vector_index_that_finds_the_same(tmp_path: Path) -> None:
    index = collection_index(Settings(home=tmp_path), "c1")
    index.replace_part("big", 1, 1, [row(i, f"n{i}", document="big") for i in range(20_000)])
    before = index.search_vector(unit(77), where=EVERYTHING, limit=5)

    first, idle = index.upkeep(), index.upkeep()

    assert (first.vector_index, first.unindexed_rows_after) == ("IvfSq", 0)
    assert idle.seconds < 1
    after = index.search_vector(unit(77), where=EVERYTHING, limit=5)
    assert texts(after)[0] == texts(before)[0] == "n77"
    assert len(set(texts(after)) & set(texts(before))) >= 4
    index.replace_part("new", 1, 1, [row(30_000, "written after", document="new")])
    assert texts(index.search_vector(unit(30_000), where=EVERYTHING, limit=1)) == ["written after"]
    only = SearchFilter(document_ids=("new",))
    assert len(index.search_vector(unit(1), where=only, limit=5)) == 1


def test_tags_change_on_every_row_of_a_document_and_no_other(index: CollectionIndex) -> None:
    for document_id in ("a", "b"):
        for part in (1, 2):
            rows = [row(0, "words", document=document_id, part=part, tags=("old",))]
            index.replace_part(document_id, 1, part, rows)

    index.set_tags("a", ["it's", "new", "new"])
    index.set_tags("nobody", ["x"])

    assert [each.tags for each in index.chunks("a")] == [("it's", "new")] * 2
    assert [each.tags for each in index.chunks("b")] == [("old",)] * 2
    index.set_tags("a", [])
    assert [each.tags for each in index.chunks("a")] == [()] * 2
