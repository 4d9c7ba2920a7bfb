"""`retrieve` as its callers meet it: rights, modes, filters, relevance, neighbours."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import functions_framework
import pytest
from flask.testing import FlaskClient

from functions.retrieve.wiring import Dependencies, dependencies
from lectern.catalog import migrate, open_catalog
from lectern.catalog.port import Catalog
from lectern.catalog.port_models import ModelEntry
from lectern.catalog.records import Collection, PartPlan
from lectern.documents import Chunk, Line, chunk_id
from lectern.index.rows import ChunkRow
from lectern.settings import Settings
from tests.provider.rerank import ScriptedReranker

SOURCE = Path(__file__).resolve().parents[2] / "functions" / "retrieve" / "main.py"
GLUCOSE = "Insulin lowers blood glucose by moving sugar from the blood into muscle and fat cells."
BRIDGES = "A suspension bridge carries its deck on cables that hang between two tall towers."
KOREAN = "연차 휴가는 입사 1년이 지나면 15일이 부여되며 다음 해로 이월되지 않습니다."
SECRET = "The merger with Contoso will be announced on the ninth of March."
EVALUATION = "How does insulin lower blood sugar?"


class Library:
    """A catalog and an index that tests fill."""

    def __init__(self, own: Dependencies) -> None:
        self.own = own
        self.catalog: Catalog = own.catalog
        owner = self.catalog.people.ensure_owner("owner")
        self.owner_id = owner.user_id
        _, self.token = self.catalog.people.create_token(owner.user_id, "test")
        _, self.stranger = self.catalog.people.create_token(
            self.catalog.people.create_user("stranger").user_id, "test"
        )

    def collection(self, name: str, *, fingerprint: str = "") -> Collection:
        made = self.catalog.collections.ensure(name, self.owner_id)
        return self.catalog.collections.bind_embedder(
            made.collection_id,
            name=self.own.models.embedders().default.name if not fingerprint else "other-model",
            fingerprint=fingerprint or self.own.models.embedders().default.fingerprint,
            dimensions=self.own.models.embedders().default.dimensions,
        )

    def add(
        self,
        collection: Collection,
        name: str,
        texts: list[str],
        *,
        content_type: str = "text/plain",
        metadata: dict[str, str] | None = None,
        document_id: str = "",
        **fields: Any,
    ) -> str:
        reserved = self.catalog.documents.reserve(
            collection.collection_id,
            self.owner_id,
            name,
            content_type=content_type,
            metadata=metadata,
            document_id=document_id,
        )
        self.catalog.documents.confirm(
            reserved.document_id, reserved.revision, size_bytes=1, sha256=f"{name}{texts}"
        )
        offset = 0
        chunks = []
        for ordinal, text in enumerate(texts):
            chunks.append(
                Chunk(
                    chunk_id=chunk_id(reserved.document_id, reserved.revision, 1, ordinal),
                    document_id=reserved.document_id,
                    revision=reserved.revision,
                    part=1,
                    ordinal=ordinal,
                    page_number=1,
                    text=text,
                    char_start=offset,
                    char_end=offset + len(text),
                    lines=(Line(0, len(text), 72, 100 + ordinal, 300, 110 + ordinal),),
                    **fields,
                )
            )
            offset += len(text) + 1
        vectors = self.own.models.embedders().default.embed_passages(texts)
        self.own.index(collection.collection_id).replace_part(
            reserved.document_id,
            reserved.revision,
            1,
            [ChunkRow(c, v, name) for c, v in zip(chunks, vectors, strict=True)],
        )
        self.read(reserved.document_id, reserved.revision)
        return reserved.document_id

    def read(self, document_id: str, revision: int) -> None:
        """Have the catalog know that all of the document is in the index."""
        plan = [PartPlan(1, 1, 1, chunks_key="part-1", chunk_count=1)]
        self.catalog.documents.plan_parts(document_id, revision, plan, pages=1)
        self.catalog.documents.part_embedded(document_id, revision, 1)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("LECTERN_HOME", str(tmp_path_factory.mktemp("home")))
        migrate(Settings())
        dependencies.cache_clear()
        library = Library(dependencies())
        yield library
        library.catalog.close()
        library.own.pool.shutdown()
        dependencies.cache_clear()
        open_catalog.cache_clear()


@pytest.fixture(scope="module")
def client(library: Library) -> FlaskClient:
    del library
    return functions_framework.create_app("retrieve", str(SOURCE)).test_client()


@pytest.fixture(scope="module")
def papers(library: Library) -> Collection:
    collection = library.collection("Papers")
    library.add(collection, "insulin.txt", [GLUCOSE], metadata={"year": "2024"})
    library.add(collection, "bridges.pdf", [BRIDGES], content_type="application/pdf")
    library.add(collection, "휴가.txt", [KOREAN])
    return collection


def ask(client: FlaskClient, token: str, query: str, **fields: Any) -> Any:
    response = client.post(
        "/v1/search",
        json={"query": query, **fields},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert response.status_code == 200, response.text
    return response.json


@pytest.mark.parametrize("mode", ["hybrid", "vector", "text", "graph"])
@pytest.mark.parametrize(
    ("query", "text"), [(EVALUATION, GLUCOSE), ("bridge towers and cables", BRIDGES)]
)
def test_every_mode_finds_the_passage(
    *, client: FlaskClient, library: Library, papers: Collection, mode: str, query: str, text: str
) -> None:
    reply = ask(client, library.token, query, collections=[papers.slug], mode=mode)

    best = reply["passages"][0]
    assert best["text"] == text
    assert (best["page_number"], best["revision"]) == (1, 1)
    assert best["lines"][0] == {"start": 0, "end": len(text)} | best["boxes"][0]
    assert (
        set(best["relevances"])
        == {
            "hybrid": {"vector", "text"},
            "graph": {"vector", "text"},
            "vector": {"vector"},
            "text": {"text"},
        }[mode]
    )
    assert all(0 <= p["relevance"] <= 1 for p in reply["passages"])
    assert bool(reply["warnings"]) == (mode == "graph")
    assert {"authorise", "fuse", "expand", "total"} <= set(reply["timings_ms"])


def test_a_question_in_korean_is_found_by_its_words(
    client: FlaskClient, library: Library, papers: Collection
) -> None:
    reply = ask(client, library.token, "연차는 며칠인가요?", collections=[papers.slug])

    assert reply["passages"][0]["text"] == KOREAN


def test_relevance_says_whether_the_documents_know(
    client: FlaskClient, library: Library, papers: Collection
) -> None:
    known = ask(client, library.token, EVALUATION, collections=[papers.slug])
    unknown = ask(client, library.token, "Who won the cup final?", collections=[papers.slug])
    foreign = ask(client, library.token, "김치찌개 끓이는 법", collections=[papers.slug])

    assert known["passages"][0]["relevance"] > 0.5
    assert all(p["relevance"] < 0.3 for p in unknown["passages"] + foreign["passages"])


@pytest.mark.parametrize("name", ["by slug", "by id", "by document"])
def test_a_stranger_learns_nothing(client: FlaskClient, library: Library, name: str) -> None:
    collection = library.collection("Board")
    document_id = library.add(collection, f"{name}.txt", [SECRET])
    where = {
        "by slug": {"collections": [collection.slug]},
        "by id": {"collections": [collection.collection_id]},
        "by document": {"documents": [document_id]},
    }[name]

    refused = client.post(
        "/v1/search",
        json={"query": "merger Contoso March", **where},
        headers={"Authorization": f"Bearer {library.stranger}"},
    )

    assert refused.status_code == 404
    assert "merger with" not in refused.text
    everything = ask(client, library.stranger, "merger Contoso March")
    assert everything["passages"] == []
    assert ask(client, library.token, "merger Contoso March", **where)["passages"]


def test_without_a_token_nothing_is_answered(client: FlaskClient, papers: Collection) -> None:
    response = client.post("/v1/search", json={"query": "x", "collections": [papers.slug]})

    assert response.status_code == 401


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        pytest.param({"metadata": {"year": "2024"}}, {"insulin.txt"}, id="metadata"),
        pytest.param({"content_types": ["application/pdf"]}, {"bridges.pdf"}, id="content type"),
        pytest.param({"uploaded_after": "2100-01-01T00:00:00Z"}, set(), id="too new"),
        pytest.param({"kinds": ["figure"]}, set(), id="kind"),
        pytest.param({"page_numbers": [2]}, set(), id="page"),
        pytest.param(
            {"uploaded_after": "2000-01-01T00:00:00Z", "content_types": ["text/plain"]},
            {"insulin.txt", "휴가.txt"},
            id="both must match",
        ),
    ],
)
def test_filters_leave_only_what_matches(
    client: FlaskClient,
    library: Library,
    papers: Collection,
    filters: dict[str, Any],
    names: set[str],
) -> None:
    reply = ask(client, library.token, "insulin bridge", collections=[papers.slug], filters=filters)

    assert {passage["document_name"] for passage in reply["passages"]} == names


def test_documents_restrict_the_search_to_themselves(
    client: FlaskClient, library: Library, papers: Collection
) -> None:
    bridges = library.catalog.documents.find(papers.collection_id, "bridges.pdf")
    assert bridges is not None

    reply = ask(client, library.token, EVALUATION, documents=[bridges.document_id])

    assert {p["document_id"] for p in reply["passages"]} == {bridges.document_id}


def test_vectors_of_another_embedder_are_not_used_and_the_reply_says_so(
    client: FlaskClient, library: Library
) -> None:
    collection = library.collection("Migrated", fingerprint="somebody else's")
    library.add(collection, "old.txt", [GLUCOSE])

    reply = ask(client, library.token, EVALUATION, collections=[collection.slug], mode="vector")

    assert set(reply["passages"][0]["relevances"]) == {"text"}
    assert "other-model" in reply["warnings"][0]["detail"]
    assert "reembed" in reply["warnings"][0]["detail"]


def test_without_a_reranker_the_order_of_the_search_stays_and_it_is_said(
    client: FlaskClient, library: Library, papers: Collection
) -> None:
    reply = ask(client, library.token, EVALUATION, collections=[papers.slug], rerank=True)

    assert reply["passages"]
    assert [each["code"] for each in reply["warnings"]] == ["no_reranking"]


@pytest.fixture
def judge(library: Library, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedReranker]:
    monkeypatch.setattr("lectern.models.registry.FRESH_S", 0)
    models = library.catalog.models
    with ScriptedReranker().running() as provider:
        entry = ModelEntry(
            "", "Judge", "rerank", provider.url, "judge-1", dialect="cohere", timeout_s=5
        )
        made = models.create(entry)
        models.choose("rerank", [made.model_id])
        yield provider
        models.delete(made.model_id)
        library.own.models.known()


def test_a_reranker_decides_on_the_order(
    client: FlaskClient, library: Library, papers: Collection, judge: ScriptedReranker
) -> None:
    asked = {"collections": [papers.slug], "rerank": True, "mode": "vector", "top_k": 1}

    reply = ask(client, library.token, "bridge deck towers cables blood", **asked)

    [passage] = reply["passages"]
    assert passage["text"] == BRIDGES
    assert passage["relevance"] == passage["relevances"]["rerank"]
    assert len(judge.requests[0]["documents"]) > 1
    assert reply["warnings"] == []
    assert "rerank" in reply["timings_ms"]


def test_a_reranker_that_fails_leaves_the_order_of_the_search(
    client: FlaskClient, library: Library, papers: Collection, judge: ScriptedReranker
) -> None:
    plain = ask(client, library.token, EVALUATION, collections=[papers.slug])
    judge.status = 503

    reply = ask(client, library.token, EVALUATION, collections=[papers.slug], rerank=True)

    assert [p["chunk_id"] for p in reply["passages"]] == [p["chunk_id"] for p in plain["passages"]]
    assert [each["code"] for each in reply["warnings"]] == ["reranker_failed"]


def test_a_user_can_have_every_search_reranked(
    client: FlaskClient, library: Library, papers: Collection, judge: ScriptedReranker
) -> None:
    library.catalog.preferences.change(library.owner_id, {"rerank": True})

    ask(client, library.token, EVALUATION, collections=[papers.slug])
    ask(client, library.token, EVALUATION, collections=[papers.slug], rerank=False)

    assert len(judge.requests) == 1
    library.catalog.preferences.reset(library.owner_id)


def test_a_deleted_document_and_an_old_revision_disappear_at_once(
    client: FlaskClient, library: Library
) -> None:
    collection = library.collection("Changing")
    gone = library.add(collection, "gone.txt", ["The zebra stands in the first text."])
    library.add(collection, "changed.txt", ["The zebra stands in the second text."])
    library.add(collection, "changed.txt", ["A zebra stands in the third text."])
    library.catalog.documents.request_deletion(gone)

    reply = ask(client, library.token, "zebra", collections=[collection.slug])

    assert [p["text"] for p in reply["passages"]] == ["A zebra stands in the third text."]
    assert reply["passages"][0]["revision"] == 2


def test_equal_texts_are_shown_once_and_ties_are_stable(
    client: FlaskClient, library: Library
) -> None:
    collection = library.collection("Copies")
    ids = [library.add(collection, f"{n}.txt", [GLUCOSE, BRIDGES]) for n in range(3)]

    replies = [ask(client, library.token, EVALUATION, collections=["copies"]) for _ in range(3)]

    assert [p["text"] for p in replies[0]["passages"]] == [GLUCOSE, BRIDGES]
    assert replies[0]["passages"][0]["document_id"] == min(ids)
    assert replies[0]["passages"] == replies[1]["passages"] == replies[2]["passages"]


def test_neighbours_widen_a_passage_and_its_lines_still_fit(
    client: FlaskClient, library: Library
) -> None:
    collection = library.collection("Story")
    texts = [
        "It was a quiet morning in the harbour.",
        "The lighthouse keeper counted forty ships.",
        "In the evening there was a storm.",
        "Nobody slept that night.",
        "The next day was clear.",
    ]
    library.add(collection, "story.txt", texts)

    narrow = ask(
        client,
        library.token,
        "How many ships did the keeper count?",
        collections=["story"],
        top_k=1,
    )["passages"][0]
    wide = ask(
        client,
        library.token,
        "How many ships did the keeper count?",
        collections=["story"],
        top_k=1,
        neighbours=1,
    )["passages"][0]
    merged = ask(
        client, library.token, "keeper storm", collections=["story"], top_k=2, neighbours=1
    )["passages"]

    assert narrow["text"] == texts[1]
    assert wide["text"] == "\n".join(texts[:3])
    assert wide["chunk_id"] == narrow["chunk_id"]
    assert [wide["text"][line["start"] : line["end"]] for line in wide["lines"]] == texts[:3]
    assert [passage["text"] for passage in merged] == ["\n".join(texts[:4])]


def test_a_search_in_several_collections_takes_the_best_of_each(
    client: FlaskClient, library: Library, papers: Collection
) -> None:
    other = library.collection("Engineering")
    library.add(other, "dams.txt", ["Insulin pumps have nothing to do with dams."])

    reply = ask(client, library.token, EVALUATION, collections=[papers.slug, other.slug])

    assert reply["passages"][0]["text"] == GLUCOSE
    assert {p["collection_id"] for p in reply["passages"]} == {
        papers.collection_id,
        other.collection_id,
    }


def test_an_unknown_field_is_an_error(client: FlaskClient, library: Library) -> None:
    response = client.post(
        "/v1/search",
        json={"query": "x", "topk": 3},
        headers={"Authorization": f"Bearer {library.token}"},
    )

    assert response.status_code == 400
    assert "topk" in response.json["detail"]


def test_a_search_says_that_documents_are_still_being_read(
    client: FlaskClient, library: Library
) -> None:
    news = library.collection("News")
    found = library.add(news, "old.txt", [BRIDGES])
    arriving = library.catalog.documents.reserve(news.collection_id, library.owner_id, "new.txt")
    library.catalog.documents.confirm(arriving.document_id, 1, size_bytes=1, sha256="new")

    whole = ask(client, library.token, "bridge towers", collections=[news.slug])
    one = ask(client, library.token, "bridge towers", documents=[found])

    [said] = whole["warnings"]
    assert (said["code"], said["parameters"]) == ("still_being_read", {"count": 1})
    assert one["warnings"] == []
    library.read(arriving.document_id, 1)
    assert ask(client, library.token, "bridge", collections=[news.slug])["warnings"] == []
