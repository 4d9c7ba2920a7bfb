"""The HTTP bodies of every function: what callers send and get back.

Times are UTC, ISO 8601. Page numbers are 1-based. Relevance is 0..1, higher is better.
"""

from lectern.api.answers import (
    AnswerEvent,
    AnswerReply,
    AnswerRequest,
    AnswerUsage,
    Citation,
    Reasoning,
)
from lectern.api.bodies import Reply, Request
from lectern.api.collections import (
    CollectionList,
    CollectionReply,
    CollectionRequest,
    DeletionQuery,
)
from lectern.api.documents import (
    BoxReply,
    ChunkList,
    ChunkQuery,
    ChunkReply,
    DocumentList,
    DocumentQuery,
    DocumentReply,
    FailureReply,
    FigureQuery,
    PictureQuery,
    StageReply,
    SubjectList,
    SubjectReply,
    TagsRequest,
    UploadRequest,
    UploadTicket,
)
from lectern.api.people import ApiKey, ApiKeyList, ApiKeyRequest, Me
from lectern.api.search import (
    Passage,
    PassageLine,
    SearchFilters,
    SearchMode,
    SearchReply,
    SearchRequest,
)
from lectern.api.upkeep import DeadLetter, DeadLetterList

__all__ = [
    "AnswerEvent",
    "AnswerReply",
    "AnswerRequest",
    "AnswerUsage",
    "ApiKey",
    "ApiKeyList",
    "ApiKeyRequest",
    "BoxReply",
    "ChunkList",
    "ChunkQuery",
    "ChunkReply",
    "Citation",
    "CollectionList",
    "CollectionReply",
    "CollectionRequest",
    "DeadLetter",
    "DeadLetterList",
    "DeletionQuery",
    "DocumentList",
    "DocumentQuery",
    "DocumentReply",
    "FailureReply",
    "FigureQuery",
    "Me",
    "Passage",
    "PassageLine",
    "PictureQuery",
    "Reasoning",
    "Reply",
    "Request",
    "SearchFilters",
    "SearchMode",
    "SearchReply",
    "SearchRequest",
    "StageReply",
    "SubjectList",
    "SubjectReply",
    "TagsRequest",
    "UploadRequest",
    "UploadTicket",
]
