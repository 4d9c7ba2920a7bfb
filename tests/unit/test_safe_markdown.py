"""Generated Markdown, shown by a renderer: nothing of it leads anywhere or fetches anything."""

import itertools
import re
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from functions.answer.citations import CitedText

RENDERER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
ADDRESS = re.compile(  # what GitHub's flavour makes a link of, in text
    r"(?:https?://|www\.)[-.\w]+|[\w.+-]+@[-\w]+(?:\.[-\w]+)+", re.IGNORECASE
)
BLOCK = "```html\n<a href='https://a.org'>[y](z)</a>\n```\n"
LEADS_SOMEWHERE = {"link_open", "image", "html_inline", "html_block"}
FRAGMENTS = st.sampled_from(
    [
        *("`", "``", "```", "~~~", "\\", "<", ">", "!", "-", "*", "_", "|", "$", "$$", ":::", "#"),
        *("(", ")", "[", "]", "](http://e.io/s)", "![x](http://e.io/s)", "[x](http://e.io/s)"),
        *("![x]", "[x]", "(u)", "[x]: http://e.io", "【x】(http://e.io)", "1. x", "a`b"),
        *("[1]", "[99]", "【1】", "【99】", "&#58;", "&#47;", "&#104;ttp", "&lt;img", "&amp;#58;"),
        *("https://e.io/?s", "www.e.io", "a@e.io", "http", "https", "://", ":", "//", "www", "."),
        *("@", "e.io", "<img", "<b>", "</b>", "<script>"),
    ]
)
SPACES = st.sampled_from(["", "", " ", "\n", "\n\n", "  ", "\n  ", "\n    ", "\n> ", "\n- ", "\t"])
TEXTS = st.lists(st.tuples(FRAGMENTS, SPACES), max_size=14).map(
    lambda pairs: "".join(itertools.chain.from_iterable(pairs))
)


def shown(*pieces: str) -> str:
    text = CitedText(passages=3)
    sent = [text.feed(piece) for piece in pieces]
    return "".join(sent) + text.finish()


def dangers(markdown: str) -> list[str]:
    """Return what a renderer would make of the text that leads somewhere."""
    found: list[str] = []
    for token in RENDERER.parse(markdown):
        found += [token.type] if token.type in LEADS_SOMEWHERE else []
        found += [each.type for each in token.children or () if each.type in LEADS_SOMEWHERE]
        found += [each for run in _runs(token.children or ()) for each in ADDRESS.findall(run)]
    return found


def _runs(tokens: list[Token] | tuple[()]) -> Iterator[str]:
    """Yield the texts between other tokens: what a renderer looks for addresses in."""
    for is_text, run in itertools.groupby(
        tokens, lambda each: each.type in {"text", "text_special"}
    ):
        if is_text:
            yield "".join(each.content for each in run)


@given(TEXTS, st.lists(st.integers(0, 200), max_size=5))
@settings(max_examples=2000)
@example(r"\`![x](http://e.io/?s)`", [])
@example("- a\n  ```\n  b\n- c ![x](http://e.io/?s)", [])
@example("```x`y\n![x](http://e.io/?s)\n```", [])
@example("a `b\nc` ![x](http://e.io/?s) `d", [])
@example("```\na\n     ```\n![x](http://e.io/?s)\n```", [])
@example("| `a | ![x](http://e.io/?s) |\n|---|---|\n| `b | ![x](http://e.io/?s)` |", [])
@example("[99]~~~\n```\n~~~\n![x](http://e.io/?s)\n", [])
@example("<b>~~~\n```\n~~~\n![x](http://e.io/?s)\n", [])
@example("  ```\n  ```\n```\n![x](http://e.io/?s)\n", [])
@example("https[99]://e.io/?s", [])
@example("<[99]img src=http://e.io>", [])
@example("https\\://e.io", [])
@example("https&#58;//e.io", [])
@example("\\[99]`x`", [])
@example("`x`https://e.io/?s`y`", [])
@example("a[99]@e.io", [])
def test_no_renderer_finds_a_link_an_image_or_html(written: str, cuts: list[int]) -> None:
    at = [0, *sorted(min(cut, len(written)) for cut in cuts), len(written)]

    markdown = shown(*(written[start:end] for start, end in itertools.pairwise(at)))

    assert dangers(markdown) == []
    assert markdown == shown(written)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        pytest.param("$a_`$ ![x](http://e.io/?s) `", "![x] (", id="mathematics in a line"),
        pytest.param("$$\n```\n$$\n![x](http://e.io/?s)\n```\n", "![x] (", id="block of it"),
        pytest.param(":::x\n```\n:::\n[x](http://e.io/?s)\n```\n", "[x] (", id="directive"),
        pytest.param("$5 is `http://e.io`", "`http: //e.io`", id="a price before code"),
    ],
)
def test_code_that_some_renderer_may_take_for_text_is_defused(written: str, code: str) -> None:
    markdown = shown(written)

    assert code in markdown
    assert "http://" not in markdown


@pytest.mark.parametrize(
    ("written", "markdown"),
    [
        pytest.param(
            "See https://a.org/b_(c)?d=1.", "See `https://a.org/b_(c)?d=1`.", id="address"
        ),
        pytest.param("(see www.a.org)", "(see `www.a.org`)", id="in parentheses"),
        pytest.param("Ask kim@a.org, please", "Ask kim`@a.org`, please", id="e-mail"),
        pytest.param("<https://a.org>", "`https://a.org`", id="in angles"),
        pytest.param("[docs](https://a.org)", "docs", id="link"),
        pytest.param("`List<int>` and `a[0](1)`", "`List<int>` and `a[0](1)`", id="code"),
        pytest.param(
            "```html\n<a href='x'>[y](z)</a>\n```\n",
            "```html\n<a href='x'>[y](z)</a>\n```\n",
            id="block",
        ),
        pytest.param("with h and w, 5 @ 3, a & b", "with h and w, 5 @ 3, a & b", id="ordinary"),
        pytest.param("AT&amp;T&nbsp;Inc", "AT&T\xa0Inc", id="entities"),
        pytest.param(r"1\. first \* not", r"1\. first \* not", id="escapes"),
        pytest.param("C:\\x and 100%", "C:\\\\x and 100%", id="lone backslash"),
        pytest.param("It costs $5 or $6 [1].", "It costs $5 or $6 [1].", id="prices"),
        pytest.param("~~old~~ **new** | x", "~~old~~ **new** | x", id="signs"),
    ],
)
def test_what_is_harmless_reads_as_it_was_written(written: str, markdown: str) -> None:
    assert shown(written) == markdown
    assert shown(*written) == markdown


def test_a_hostile_megabyte_takes_linear_work() -> None:
    for unit in ("https://", "a@", "&#", "\\`", "[x](", "`", "www."):
        assert len(shown(unit * (200_000 // len(unit)))) < 2_000_000
