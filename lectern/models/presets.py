"""Providers by name, so that an administrator need not look their addresses up.

Addresses as the providers document them (read in November 2026): learn.microsoft.com on the
OpenAI v1 API, console.groq.com/docs/openai, docs.cohere.com/docs/compatibility-api,
docs.mistral.ai/api, ai.google.dev/gemini-api/docs/openai, Anthropic's and Ollama's pages on OpenAI
compatibility, docs.vllm.ai, llama.cpp's server, lmstudio.ai/docs; docs.cohere.com/reference/rerank,
jina.ai/reranker, docs.voyageai.com/docs/reranker, text-embeddings-inference. The longest inputs are
those that each documents for its embedding models, the shortest where they differ.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from lectern.catalog.port_models import ModelKind


@dataclass(frozen=True, slots=True)
class Preset:
    """A provider. `…` in `url` is what an administrator fills in.

    `context_tokens` are what to begin with: for embedding, the longest input.
    """

    preset: str
    label: str
    kind: ModelKind
    url: str
    needs_key: bool = True
    dialect: str = ""
    context_tokens: int = 8192


_CHAT = (
    Preset("openai", "OpenAI", "chat", "https://api.openai.com/v1"),
    Preset("azure", "Azure OpenAI (v1)", "chat", "https://….openai.azure.com/openai/v1"),
    Preset("groq", "Groq", "chat", "https://api.groq.com/openai/v1"),
    Preset("cohere", "Cohere", "chat", "https://api.cohere.ai/compatibility/v1"),
    Preset("mistral", "Mistral", "chat", "https://api.mistral.ai/v1"),
    Preset(
        "gemini", "Google Gemini", "chat", "https://generativelanguage.googleapis.com/v1beta/openai"
    ),
    Preset("anthropic", "Anthropic", "chat", "https://api.anthropic.com/v1"),
    Preset("ollama", "Ollama", "chat", "http://127.0.0.1:11434/v1", needs_key=False),
    Preset("vllm", "vLLM", "chat", "http://127.0.0.1:8000/v1", needs_key=False),
    Preset("llama-cpp", "llama.cpp server", "chat", "http://127.0.0.1:8080/v1", needs_key=False),
    Preset("lm-studio", "LM Studio", "chat", "http://127.0.0.1:1234/v1", needs_key=False),
)


def _embedding(of: str, label: str, context_tokens: int) -> Preset:
    """Return the embedding models of a provider that has chat models at the same address."""
    chat = next(each for each in _CHAT if each.preset == of)
    return replace(
        chat,
        preset=f"{of}-embedding",
        label=label,
        kind="embedding",
        context_tokens=context_tokens,
    )


_ALL = (
    *_CHAT,
    Preset(
        "cohere-rerank", "Cohere Rerank", "rerank", "https://api.cohere.com/v2", dialect="cohere"
    ),
    Preset("jina-rerank", "Jina Reranker", "rerank", "https://api.jina.ai/v1", dialect="jina"),
    Preset(
        "voyage-rerank", "Voyage Rerank", "rerank", "https://api.voyageai.com/v1", dialect="voyage"
    ),
    Preset(
        "tei-rerank",
        "Text Embeddings Inference",
        "rerank",
        "http://127.0.0.1:8080",
        needs_key=False,
        dialect="tei",
    ),
    _embedding("openai", "OpenAI", 8191),
    _embedding("azure", "Azure OpenAI (v1)", 8191),
    _embedding("mistral", "Mistral", 8192),
    _embedding("cohere", "Cohere", 512),
    _embedding("gemini", "Google Gemini", 2048),
    _embedding("ollama", "Ollama", 2048),
    _embedding("vllm", "vLLM", 512),
    _embedding("llama-cpp", "llama.cpp server", 512),
    _embedding("lm-studio", "LM Studio", 512),
    Preset(
        "tei-embedding",
        "Text Embeddings Inference",
        "embedding",
        "http://127.0.0.1:8080/v1",
        needs_key=False,
        context_tokens=512,
    ),
)
PRESETS: Mapping[str, Preset] = {preset.preset: preset for preset in _ALL}
