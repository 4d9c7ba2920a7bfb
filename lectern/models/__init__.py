"""Models behind ports: the offline embedder, OpenAI-compatible endpoints."""

from lectern.models.choosing import AtHand, Embedders
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
    "AtHand",
    "ChatDelta",
    "ChatMessage",
    "ChatModel",
    "ChatReply",
    "ChatUsage",
    "Embedder",
    "Embedders",
    "Image",
    "Reranker",
    "Tool",
    "ToolCall",
    "embedder",
]
