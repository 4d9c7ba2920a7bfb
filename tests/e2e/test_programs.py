"""Other programs at a running `lectern up`: OpenAI's SDK, and a client of the MCP server."""

from typing import Any

import anyio
import httpx2
import openai
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from lectern.local.home import Home
from tests.e2e.lectern_up import LecternUp

QUESTION = "How long may a borrowed sextant be kept?"


@pytest.fixture(scope="module")
def answer_url(up: LecternUp, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The answer function, once there is a collection of programs."""
    file = tmp_path_factory.mktemp("documents") / "sextants.md"
    file.write_text("# Lending\n\nA borrowed sextant may be kept for twenty-three days.\n")
    report = up.command("ingest", str(file), "--collection", "Programs", "--wait")
    assert {document["state"] for document in report["documents"]} == {"ready"}, report
    return up.function_url.format(function="answer")


def test_openais_sdk_asks_a_collection_as_a_model(up: LecternUp, answer_url: str) -> None:
    key = Home(up.home).owner_token()
    asked: list[Any] = [{"role": "user", "content": QUESTION}]
    streamed = ""

    with openai.OpenAI(base_url=f"{answer_url}/v1", api_key=key, max_retries=0) as client:
        models = [model.id for model in client.models.list()]
        whole = client.chat.completions.create(model="lectern/programs", messages=asked)
        for chunk in client.chat.completions.create(
            model="lectern/programs", messages=asked, stream=True
        ):
            streamed += (chunk.choices[0].delta.content or "") if chunk.choices else ""

    [choice] = whole.choices
    assert models[0] == "lectern"
    assert any(each.startswith("lectern/programs-") for each in models)
    assert "twenty-three days" in (choice.message.content or "")
    assert streamed == choice.message.content
    annotation = (choice.message.annotations or [])[0].model_dump()
    assert annotation["lectern"]["document_name"] == "sextants.md"


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_an_agent_asks_searches_and_reads(up: LecternUp, answer_url: str, mode: str) -> None:
    headers = {"Authorization": f"Bearer {Home(up.home).owner_token()}"}

    async def work() -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        async with (
            httpx2.AsyncClient(headers=headers, timeout=60) as http,
            Client(streamable_http_client(f"{answer_url}/mcp", http_client=http), mode=mode) as it,
        ):
            scope = {"collections": ["programs"]}
            answered = await it.call_tool("ask", {"question": QUESTION} | scope)
            listed = await it.call_tool("list_documents", {"collection": "programs"})
            [document] = listed.structured_content["documents"]
            document_id = document["document_id"]
            read = await it.call_tool("read_document", {"document_id": document_id})
            return answered.structured_content, document, read.structured_content

    answered, document, read = anyio.run(work)

    assert "twenty-three days" in answered["citations"][0]["quote"]
    assert answered["citations"][0]["document_id"] == document["document_id"]
    assert "sextant" in read["pages"][0]["text"]
    assert read["cursor"] == ""


def test_without_a_key_there_is_no_door(answer_url: str) -> None:
    models = httpx2.get(f"{answer_url}/v1/models")
    tools = httpx2.post(f"{answer_url}/mcp", json={})

    assert (models.status_code, tools.status_code) == (401, 401)
    assert models.json()["error"]["code"] == "invalid_api_key"
    assert tools.headers["WWW-Authenticate"].startswith("Bearer")
