"""Answers, passages and citations for tests of pages' parts."""

from typing import Any

from lectern.api import AnswerReply, AnswerUsage, BoxReply, Citation, Passage, PassageLine

TEXT = "A borrowed telescope must be returned within nineteen days."


def passage(**fields: Any) -> Passage:
    values: dict[str, Any] = {
        "chunk_id": "d1.1.0001.00001",
        "collection_id": "c1",
        "document_id": "d1",
        "document_name": "library.pdf",
        "revision": 1,
        "page_number": 2,
        "boxes": [BoxReply(page_number=2, x0=72, y0=72, x1=400, y1=100)],
        "lines": [
            PassageLine(start=0, end=len(TEXT), page_number=2, x0=72, y0=72, x1=400, y1=86),
        ],
        "heading_path": ["Lending"],
        "kind": "text",
        "text": TEXT,
        "char_start": 0,
        "char_end": len(TEXT),
        "relevance": 0.8,
        "relevances": {"text": 0.8},
    }
    return Passage(**(values | fields))


def citation(number: int = 1, **fields: Any) -> Citation:
    values: dict[str, Any] = {
        "number": number,
        "answer_start": 0,
        "answer_end": 10,
        "chunk_id": "d1.1.0001.00001",
        "collection_id": "c1",
        "document_id": "d1",
        "document_name": "library.pdf",
        "revision": 1,
        "page_number": 2,
        "quote": TEXT,
        "quote_start": 0,
        "quote_end": len(TEXT),
        "boxes": [BoxReply(page_number=2, x0=72, y0=72, x1=400, y1=86)],
        "supported": True,
        "support": 0.9,
    }
    return Citation(**(values | fields))


def reply(answer: str = "Nineteen days. [1]", **fields: Any) -> AnswerReply:
    values: dict[str, Any] = {
        "answer": answer,
        "kind": "generated",
        "found": True,
        "citations": [citation()],
        "passages": [passage()],
        "usage": AnswerUsage(model="", model_calls=0, prompt_tokens=0, completion_tokens=0),
        "timings_ms": {},
        "warnings": [],
    }
    return AnswerReply(**(values | fields))
