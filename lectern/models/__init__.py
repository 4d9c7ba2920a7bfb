"""Models behind ports: the offline embedder, OpenAI-compatible endpoints."""

from lectern.models.choosing import EmbedderKind, Embedders, embedder_names, embedders
from lectern.models.ports import (
    ChatDelta,
    ChatMessage,
    ChatModel,
    ChatReply,
    ChatUsage,
    Embedder,
    Image,
    Reranker,
    Tool,
    ToolCall,
)
from lectern.models.wiring import embedder

__all__ = [
    "ChatDelta",
    "ChatMessage",
    "ChatModel",
    "ChatReply",
    "ChatUsage",
    "Embedder",
    "EmbedderKind",
    "Embedders",
    "Image",
    "Reranker",
    "Tool",
    "ToolCall",
    "embedder",
    "embedder_names",
    "embedders",
]
