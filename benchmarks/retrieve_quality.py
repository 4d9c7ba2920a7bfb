"""How well search ranks: nDCG@10 and recall@10 of each signal, of their fusion and of RRF.

Judged sets in BEIR layout are read from `../shared/data/ir` beside the project and skipped when
absent; a small Korean set stands here. `off_topic` is the highest relevance that questions about
something else reach, `on_topic` the lowest but for 5 % of the answered ones: they tell "not in your
documents" apart.
"""

import json
import math
import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "ir"
SETS = ("pubmedqa", "liveqa-med")
DEPTH = 40
CUT = 10
OFF_TOPIC = (
    "how do I bake sourdough bread",
    "what is the capital of Mongolia",
    "best hiking trails in the Alps",
    "how to change a bicycle tyre",
    "who won the 1998 football world cup",
    "install a web server on a laptop",
    "mortgage interest rates in Canada",
    "history of the Ottoman navy",
    "learn to play guitar chords",
    "김치찌개 끓이는 법",
    "세종대왕은 언제 태어났나",
    "피아노 배우기 좋은 나이",
)
KOREAN = {
    "연차 휴가는 입사 1년이 지나면 15일이 부여됩니다.": "연차는 며칠인가요?",
    "출장비는 영수증을 첨부하여 2주 이내에 재무팀에 청구해야 합니다.": "출장비 청구 기한",
    "노드를 추가하려면 관리자 콘솔에서 자동 확장을 설정하십시오.": "노드를 자동으로 늘리는 방법",
    "보증 기간은 2년이며 침수로 인한 고장은 보증에서 제외됩니다.": "보증은 몇 년인가요",
    "방문객은 지하 주차장을 2시간 동안 무료로 이용할 수 있습니다.": "방문객 주차 요금",
    "데이터베이스 백업은 매일 새벽 3시에 자동으로 실행됩니다.": "백업은 언제 하나요?",
    "비밀번호는 90일마다 변경해야 하며 재사용할 수 없습니다.": "비밀번호 변경 주기",
    "회의실 예약은 사내 포털에서 하며 최대 4시간까지 가능합니다.": "회의실은 얼마나 쓸 수 있나",
    "환불은 구매 후 7일 이내에 신청할 수 있습니다.": "환불 신청 기간",
    "배터리를 완전히 충전하는 데 약 3시간이 걸립니다.": "충전 시간은 얼마나 걸리나요",
    "출산 전후로 90일의 출산 휴가를 사용할 수 있습니다.": "출산 휴가 기간",
    "서버 점검은 매월 첫째 주 일요일에 진행됩니다.": "서버 점검은 언제인가",
}

Ranking = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """Passages and questions by id, and how relevant a passage is for a question."""

    passages: Mapping[str, str]
    questions: Mapping[str, str]
    judgments: Mapping[str, Mapping[str, int]]


def main() -> dict[str, Any]:
    """Return the figures of every set that is there."""
    from lectern.models import embedder
    from lectern.settings import Settings

    model = embedder(Settings())
    result: dict[str, Any] = {"embedder": model.name}
    for name, judged in _sets():
        with tempfile.TemporaryDirectory() as home:
            result[name] = _measure(judged, model, Path(home))
    return result


def _measure(judged: JudgedSet, model: Any, home: Path) -> dict[str, Any]:
    search = _searching(judged, model, home)
    figures: dict[str, dict[str, list[float]]] = {}
    tops = []
    for question_id, question in judged.questions.items():
        judgments = judged.judgments.get(question_id, {})
        if not any(judgments.values()):
            continue
        rankings = search(question)
        tops.append(max(rankings["hybrid"].values(), default=0.0))
        for name, ranking in rankings.items():
            order = sorted(ranking, key=lambda c, r=ranking: (-r[c], c))[:CUT]
            figure = figures.setdefault(name, {"ndcg_at_10": [], "recall_at_10": []})
            figure["ndcg_at_10"].append(_ndcg(order, judgments))
            figure["recall_at_10"].append(_recall(order, judgments))
    off = [max(search(question)["hybrid"].values(), default=0.0) for question in OFF_TOPIC]
    means = {
        name: {measure: round(statistics.fmean(values), 4) for measure, values in figure.items()}
        for name, figure in figures.items()
    }
    on_topic = sorted(tops)[len(tops) // 20]
    return means | {
        "relevance": {"off_topic": round(max(off), 3), "on_topic": round(on_topic, 3)},
        "questions": len(tops),
    }


def _searching(judged: JudgedSet, model: Any, home: Path) -> Callable[[str], Mapping[str, Ranking]]:
    """Index the passages; return a function from a question to relevance by passage and signal."""
    from functions.retrieve.candidates import Candidates
    from functions.retrieve.fusion import telling_terms, vector_weight
    from lectern.catalog.records import Collection
    from lectern.documents import Chunk
    from lectern.index import collection_index
    from lectern.index.rows import ChunkRow, SearchFilter
    from lectern.index.terms import query_terms
    from lectern.settings import Settings

    index = collection_index(Settings(home=home), "bench")
    texts = list(judged.passages.values())
    vectors = [
        vector
        for at in range(0, len(texts), 64)
        for vector in model.embed_passages(texts[at : at + 64])
    ]
    rows = [
        ChunkRow(
            Chunk(
                chunk_id=passage_id,
                document_id="d",
                revision=1,
                part=1,
                ordinal=ordinal,
                page_number=1,
                text=text,
            ),
            vector,
            "",
        )
        for ordinal, ((passage_id, text), vector) in enumerate(
            zip(judged.passages.items(), vectors, strict=True)
        )
    ]
    index.replace_part("d", 1, 1, rows)
    index.upkeep()
    everything = SearchFilter()
    collection = Collection("bench", "bench", "bench", "", datetime.now(UTC))

    def search(question: str) -> Mapping[str, Ranking]:
        hybrid = Candidates(
            collection,
            DEPTH,
            index.count(),
            index.search_vector(model.embed_query(question), where=everything, limit=DEPTH),
            index.search_text(question, where=everything, limit=DEPTH),
        )
        kinds = {
            "vector": replace(hybrid, text=None),
            "text": replace(hybrid, vector=None),
            "hybrid": hybrid,
        }
        rankings = {
            name: {
                result.stored.chunk.chunk_id: result.relevance
                for result in candidates.results(
                    telling=telling_terms(query_terms(question)),
                    vector_weight=vector_weight(question, model.name),
                    current={"d": 1},
                )
            }
            for name, candidates in kinds.items()
        }
        return rankings | {"rrf": _reciprocal_ranks(rankings["vector"], rankings["text"])}

    return search


def _reciprocal_ranks(*rankings: Ranking) -> Ranking:
    """Return reciprocal rank fusion with k = 60 (Cormack et al. 2009)."""
    fused: dict[str, float] = {}
    for ranking in rankings:
        for rank, chunk_id in enumerate(sorted(ranking, key=lambda c: (-ranking[c], c)), 1):
            fused[chunk_id] = fused.get(chunk_id, 0.0) + 1 / (60 + rank)
    return fused


def _ndcg(order: Sequence[str], judgments: Mapping[str, int]) -> float:
    def gain(grades: Sequence[int]) -> float:
        return sum((2**grade - 1) / math.log2(rank + 2) for rank, grade in enumerate(grades))

    ideal = sorted(judgments.values(), reverse=True)[:CUT]
    return gain([judgments.get(chunk_id, 0) for chunk_id in order]) / gain(ideal)


def _recall(order: Sequence[str], judgments: Mapping[str, int]) -> float:
    relevant = {chunk_id for chunk_id, grade in judgments.items() if grade > 0}
    return len(relevant & set(order)) / len(relevant)


def _sets() -> Iterator[tuple[str, JudgedSet]]:
    yield (
        "korean",
        JudgedSet(
            {f"p{n:02d}": text for n, text in enumerate(KOREAN)},
            {f"q{n:02d}": question for n, question in enumerate(KOREAN.values())},
            {f"q{n:02d}": {f"p{n:02d}": 1} for n in range(len(KOREAN))},
        ),
    )
    for name in SETS:
        if (DATA / name).is_dir():
            yield name, _read(DATA / name)


def _read(folder: Path) -> JudgedSet:
    judgments: dict[str, dict[str, int]] = {}
    for line in _lines(folder / "qrels.tsv")[1:]:
        question, passage, grade = line.split("\t")
        judgments.setdefault(question, {})[passage] = int(grade)
    passages = [json.loads(line) for line in _lines(folder / "corpus.jsonl")]
    questions = [json.loads(line) for line in _lines(folder / "queries.jsonl")]
    return JudgedSet(
        {row["_id"]: f"{row['title']} {row['text']}".strip() for row in passages},
        {row["_id"]: row["text"] for row in questions},
        judgments,
    )


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").split("\n") if line]


if __name__ == "__main__":
    print(json.dumps(main(), indent=2, ensure_ascii=False))
