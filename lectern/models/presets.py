"""Providers by name, so that an administrator need not look their addresses up.

Addresses as the providers document them (read in November 2026): learn.microsoft.com on the
OpenAI v1 API, console.groq.com/docs/openai, docs.cohere.com/docs/compatibility-api,
docs.mistral.ai/api, ai.google.dev/gemini-api/docs/openai, Anthropic's and Ollama's pages on OpenAI
compatibility, docs.vllm.ai, llama.cpp's server, lmstudio.ai/docs; docs.cohere.com/reference/rerank,
jina.ai/reranker, docs.voyageai.com/docs/reranker, text-embeddings-inference.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from lectern.catalog.port_models import ModelKind


@dataclass(frozen=True, slots=True)
class Preset:
    """A provider. `…` in `url` is what an administrator fills in."""

    preset: str
    label: str
    kind: ModelKind
    url: str
    needs_key: bool = True
    dialect: str = ""


_ALL = (
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
)
PRESETS: Mapping[str, Preset] = {preset.preset: preset for preset in _ALL}
