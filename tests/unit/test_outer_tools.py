"""What crosses the border: text, addresses, search engines, and the environment's servers."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.answer.citations import CitedText, claims, uncited
from functions.answer.evidence import Evidence, Outside
from functions.answer.outer.cleaning import readable, visible, visible_values, web_address
from functions.answer.outer.engines import search_results
from functions.answer.outer.offering import _function_name
from functions.answer.outer.waiting import finished
from functions.answer.outer.web_search import web_results
from functions.answer.prompt import build_prompt
from lectern.catalog.port_tool_servers import ToolServer
from lectern.errors import LecternError, PermanentError
from lectern.settings import Settings
from lectern.tool_servers import environment_servers
from lectern.tool_servers.environment import environment_key
from lectern.tool_servers.registry import serving
from tests.provider.retrieve import passage
from tests.provider.web_search import NEWS, ScriptedSearch

TAGGED = "".join(chr(0xE0000 + ord(c)) for c in "secret")


@given(st.text())
def test_what_leaves_can_be_seen_and_stands_on_one_line(text: str) -> None:
    shown = visible(text)

    assert "\n" not in shown
    assert shown == visible(shown)
    assert not [c for c in shown if c in "\u200b\u202e\0\ud800"]


def test_invisible_text_is_taken_out_of_every_corner() -> None:
    given_by_model = {f"a{TAGGED}": [f"b{TAGGED}", {"c": f"\u202ed{TAGGED}", "n": 1}]}

    assert visible_values(given_by_model) == {"a": ["b", {"c": "d", "n": 1}]}


def test_what_comes_keeps_its_lines_and_loses_its_markup() -> None:
    text = "<p>Rents &amp; more</p>\n\n<script>x</script>\n a < b " + "long " * 50

    assert readable(text, 40) == "Rents & more\nx\na < b long long long long …"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.example/x?y=1#z", "https://a.example/x?y=1#z"),
        ("http://[2001:db8::1]:8080/", "http://[2001:db8::1]:8080/"),
        ("https://한국.example/가", "https://xn--3e0b707e.example/%EA%B0%80"),
        ('https://a.example/"><img src=x>)', "https://a.example/%22%3E%3Cimg%20src=x%3E%29"),
        ("https://a.example/a\nb", "https://a.example/ab"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//a.example/", ""),
        ("https://", ""),
        ("https://me:pw@a.example/", ""),
        ("https://a.example:99999/", ""),
        ("https://a.example/" + "x" * 3000, ""),
    ],
)
def test_only_addresses_that_can_stand_in_a_page_are_shown(url: str, shown: str) -> None:
    assert web_address(url) == shown


@pytest.mark.parametrize(
    ("provider", "path", "key"),
    [
        ("searxng", "/search", "Bearer k"),
        ("brave", "/web/search", "k"),
        ("tavily", "/search", "Bearer k"),
    ],
)
def test_every_kind_of_engine_is_asked_and_understood(provider: str, path: str, key: str) -> None:
    with ScriptedSearch().running() as engine:
        [found] = searched(engine, provider)

    assert (engine.queries, engine.paths, engine.keys) == (["rents"], [path], [key])
    assert (found.title, found.url) == ("Lisbon office market", NEWS["url"])
    assert found.text == NEWS["text"]


def searched(engine: ScriptedSearch, provider: str = "searxng", count: int = 5) -> list[Any]:
    server = ToolServer("s", "engine", "web", url=f"{engine.url}/", provider=provider)
    work = web_results(server, "k", "rents", count)
    return list(finished(work, timeout_s=5, on_cancel=lambda _: None))


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        pytest.param({"status": 401}, "tool_key", id="wrong key"),
        pytest.param({"status": 403}, "tool_key", id="refused"),
        pytest.param({"status": 429}, "tool_busy", id="too often"),
        pytest.param({"status": 500}, "tool_unreachable", id="broken"),
        pytest.param(
            {"status": 302, "headers": {"Location": "http://127.0.0.1:9/"}}, "tool_reply",
            id="redirect",
        ),
        pytest.param({"body": b"<html>secret page</html>"}, "tool_reply", id="no JSON"),
        pytest.param({"body": b'{"other": 1}'}, "tool_reply", id="another form"),
        pytest.param({"body": b"[1]"}, "tool_reply", id="a list"),
        pytest.param({"body": b"[" * 100_000}, "tool_reply", id="deep"),
        pytest.param({"body": b" " * (2 << 20)}, "tool_reply", id="huge"),
        pytest.param({"headers": {"Content-Encoding": "gzip"}}, "tool_reply", id="packed"),
    ],
)  # fmt: skip
def test_what_an_engine_does_wrong_is_told_without_its_words(
    fields: dict[str, Any], code: str
) -> None:
    with ScriptedSearch().running() as engine:
        for name, value in fields.items():
            setattr(engine, name, value)

        with pytest.raises(LecternError) as refused:
            searched(engine)

    assert refused.value.code == code
    assert "secret" not in refused.value.detail


def test_an_engine_that_is_not_there_is_told() -> None:
    server = ToolServer("s", "engine", "web", url="http://127.0.0.1:9", provider="brave")

    with pytest.raises(LecternError) as refused:
        finished(web_results(server, "", "q", 1), timeout_s=5, on_cancel=lambda _: None)

    assert refused.value.code == "tool_unreachable"


def test_results_are_bounded_and_odd_ones_left_out() -> None:
    server = ToolServer("s", "engine", "web", provider="tavily")
    rows = [{"url": None}, {"title": None, "url": "https://a.example/", "content": None}]
    rows += [{"title": "t" * 999, "url": f"https://a.example/{n}"} for n in range(30)]

    found = search_results(server, {"results": rows}, 4)

    assert [each.url for each in found][:2] == ["https://a.example/", "https://a.example/0"]
    assert len(found) == 4
    assert len(found[1].title) < 200


def test_a_page_keeps_its_marker_and_tools_have_their_own() -> None:
    evidence = Evidence()
    page = Outside("web", "Page", "text", "https://a.example/")
    said = Outside("mcp:wiki/lookup", "wiki/lookup", "text")

    first = evidence.add_outside([page, said])
    second = evidence.add_outside([page, said, Outside("web", "B", "", "https://b.example/")])

    assert [source.marker for source in first] == ["W1", "T1"]
    assert [source.marker for source in second] == ["W1", "T2", "W2"]
    assert [finding.marker for finding in evidence.findings] == ["W1", "T1", "T2", "W2"]


def test_markers_of_outside_are_kept_if_there_is_such_a_source() -> None:
    text = CitedText(2, frozenset({"W1", "T1"}))

    shown = text.feed("A [W1]. B [1, W1; T1]. C [W9] [T1](http://x) `[W1]` [Wx]. D. [W1] E")
    shown += text.finish()

    assert shown == "A [W1]. B [1][W1][T1]. C  [T1] `[W1]` [Wx]. D. [W1] E"
    assert [shown[mark.start : mark.end] for mark in text.marks] == ["[1]"]
    assert {shown[mark.start : mark.end] for mark in text.outside_marks} == {"[W1]", "[T1]"}


def test_a_sentence_from_outside_is_not_one_without_a_source() -> None:
    text = CitedText(1, frozenset({"W1"}))
    text.feed("Rents in Lisbon rose by four percent [W1]. Wages in Porto fell by nine percent.")
    text.finish()

    unsourced = uncited(text.text, claims(text.text, text.outside_marks))

    assert [text.text[start:end] for start, end in unsourced] == [
        "Wages in Porto fell by nine percent."
    ]


def test_what_is_from_outside_takes_a_part_of_the_prompt_at_most() -> None:
    evidence = Evidence()
    found = [Outside("web", "P", "word " * 300, f"https://a.example/{n}") for n in range(40)]
    evidence.add_outside(found)

    prompt = build_prompt(
        "Question?", [passage("Text.")], context_tokens=8192, findings=evidence.findings
    )

    said = prompt.messages[1].content
    assert 2 < said.count("<finding") < 10
    assert said.startswith('<passage number="1"')
    assert "number begins with W" in prompt.messages[0].content
    plain = build_prompt("Question?", [passage("Text.")]).messages[0].content
    assert "number begins with W" not in plain


def test_names_for_models_are_short_and_no_two_are_alike() -> None:
    names = [
        _function_name(server, tool)
        for server, tool in [("a", "b"), ("a", "b.c"), ("a", "b_c"), ("a-b", "c"), ("a", "x" * 128)]
    ]

    assert names[0] == "mcp_a_b"
    assert len(set(names)) == len(names)
    assert all(len(name) <= 64 for name in names)


def settings(**fields: Any) -> Settings:
    return Settings.model_validate(fields)


def test_the_environment_names_an_engine_and_servers() -> None:
    servers = [
        {"name": "wiki", "url": "https://wiki.example.org/mcp", "tools": ["lookup"]},
        {"name": "pinned", "url": "https://b.example.org", "tools": {"find": "a" * 64}},
    ]
    known = settings(
        web_search_kind="tavily", mcp_servers=json.dumps(servers), mcp_keys='{"wiki": "k"}'
    )

    web, wiki, pinned = environment_servers(known)

    assert (web.kind, web.provider, web.url) == ("web", "tavily", "")
    assert [tool.name for tool in wiki.allowed] == ["lookup"]
    assert pinned.allowed[0].digest == "a" * 64
    assert (environment_key(known, wiki), environment_key(known, pinned)) == ("k", "")
    assert environment_servers(settings()) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"web_search_kind": "searxng"},
        {"mcp_servers": "wiki"},
        {"mcp_servers": '[{"name": "Wiki", "url": "https://a.example"}]'},
        {"mcp_servers": '[{"name": "wiki"}]'},
        {"mcp_servers": '[{"name": "wiki", "command": ["sh"]}]'},
        {"mcp_servers": '[{"name": "wiki", "url": "https://a", "key": "k"}]'},
        {"mcp_servers": json.dumps([{"name": "wiki", "url": "https://a"}] * 2)},
    ],
)
def test_an_environment_that_makes_no_sense_is_told_at_the_start(fields: dict[str, str]) -> None:
    with pytest.raises(PermanentError) as refused:
        environment_servers(settings(**fields))

    assert refused.value.code == "tool_server_settings"
    assert "LECTERN_" in refused.value.detail


@pytest.mark.parametrize("keys", ["secret-key", '["secret-key"]', '{"wiki": {"secret-key": 1}}'])
def test_keys_that_cannot_be_read_are_told_without_them(keys: str) -> None:
    known = settings(mcp_servers='[{"name": "wiki", "url": "https://a.example"}]', mcp_keys=keys)
    [wiki] = environment_servers(known)

    with pytest.raises(PermanentError) as refused:
        environment_key(known, wiki)

    assert "secret-key" not in refused.value.detail


def test_one_engine_serves_and_the_environment_goes_first() -> None:
    def engine(name: str, **fields: Any) -> ToolServer:
        return ToolServer(fields.pop("server_id", name), name, "web", provider="brave", **fields)

    own = engine("web", server_id="environment-web")
    stored = [engine("a", enabled=False), engine("b"), engine("web"), ToolServer("m", "m", "mcp")]

    assert [each.server_id for each in serving([own], stored)] == ["environment-web", "m"]
    assert [each.server_id for each in serving([], stored)] == ["b", "m"]
