"""HTML, XHTML, web archives, EPUB and XML: what people read, and nothing that runs or fetches."""

import base64
import zipfile
from pathlib import Path

import pytest

from functions.parse.blocks import Block, ReadPage
from functions.parse.detect import reader_for
from lectern.errors import TooLarge, UnreadableDocument

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def pages_of(path: Path) -> list[ReadPage]:
    _, read = reader_for(path, path.name)
    return list(read(path, first_page=1, last_page=None))


def blocks_of(folder: Path, name: str, content: str | bytes) -> tuple[Block, ...]:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    (page,) = pages_of(path)
    return page.blocks


def shapes(blocks: tuple[Block, ...]) -> list[tuple[str, int, str]]:
    return [(block.kind, block.level, block.text) for block in blocks]


def test_a_page_gives_its_content_without_navigation_scripts_and_hidden_text(
    tmp_path: Path,
) -> None:
    html = """<html><head><title>T</title><style>p{}</style></head><body><nav>Menu</nav>
    <h1>Head <em>line</em></h1><p>One
    <b>two</b><br>three</p><div style="display: none">hidden</div><p hidden>hidden</p>
    <script>evil()</script><ul><li>a<ol start=3><li>b<li>c</ol><li><p>d</p><p>e</p></ul>
    <pre>  x\n    y</pre><dl><dt>term<dd>meaning</dl><img alt="A picture" src="http://x/y.png"></body>"""

    assert shapes(blocks_of(tmp_path, "a.html", html)) == [
        ("heading", 1, "Head line"),
        ("text", 0, "One two\nthree"),
        ("list", 0, "- a\n  3. b\n  4. c\n- d\n  e"),
        ("code", 0, "  x\n    y"),
        ("list", 0, "- term\n: meaning"),
        ("text", 0, "A picture"),
    ]


def test_around_the_main_element_only_navigation_is_left_out(tmp_path: Path) -> None:
    link = '<a href="/x">Products and more</a>'
    html = f"""<title>T</title><header><h1>Shop</h1>{link}</header>
    <div><ul><li>{link}<li>{link}</ul><p>The warranty is 24 months, see {link}.</p></div>
    <div><main><p>{"words " * 50}</p><ul><li>{link}</ul></main><aside>Related: {link}</aside></div>
    <p>Published by the museum.</p><footer>Example Ltd {link}</footer><div>{link} | {link}</div>"""

    blocks = blocks_of(tmp_path, "a.html", html)

    assert shapes(blocks) == [
        ("heading", 1, "T"),
        ("text", 0, "The warranty is 24 months, see Products and more."),
        ("text", 0, ("words " * 50).strip()),
        ("list", 0, "- Products and more"),
        ("text", 0, "Published by the museum."),
    ]


def test_a_main_element_is_read_in_a_page_that_a_script_would_show(tmp_path: Path) -> None:
    html = '<body style="visibility:hidden"><main>words</main></body>'

    assert shapes(blocks_of(tmp_path, "a.html", html)) == [("text", 0, "words")]


def test_a_main_element_that_is_a_teaser_leaves_the_page_whole(tmp_path: Path) -> None:
    html = f'<main>Teaser</main><p>{"words " * 50}</p><footer><a href="/x">Imprint</a></footer>'

    blocks = blocks_of(tmp_path, "a.html", html)

    assert [block.text for block in blocks] == ["Teaser", ("words " * 50).strip(), "Imprint"]


def test_tables_expand_their_spans_and_nested_tables_follow(tmp_path: Path) -> None:
    html = """<table><caption>Cap</caption><tr><th colspan=2>wide<th rowspan=2>high</tr>
    <tr><td>1<td>2</tr><tr><td>3<td>4 <table><tr><td>x<td>y</tr></table><td>5</tr></table>"""

    outer, inner = blocks_of(tmp_path, "a.html", html)

    assert outer.text == "Cap"
    assert outer.has_header
    assert outer.rows == (("wide", "wide", "high"), ("1", "2", "high"), ("3", "4", "5"))
    assert inner.rows == (("x", "y"),)


def test_a_table_that_only_lays_out_is_read_as_text(tmp_path: Path) -> None:
    html = "<table role=presentation><tr><td><h2>Side</h2><td><p>Text</p></tr></table>"

    assert shapes(blocks_of(tmp_path, "a.html", html)) == [
        ("heading", 2, "Side"),
        ("text", 0, "Text"),
    ]


def test_spans_of_a_hostile_table_are_bounded(tmp_path: Path) -> None:
    cell = "<td colspan=99999999 rowspan=65000>x</td><td>y</td>"

    blocks = blocks_of(tmp_path, "a.html", f"<table>{f'<tr>{cell}</tr>' * 2000}</table>")

    assert blocks


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<meta charset="euc-kr">', "euc-kr"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=shift_jis">', "shift_jis"),
        ("", "utf-8"),
        ("", "utf-16"),
    ],
)
def test_the_declared_charset_is_used(tmp_path: Path, head: str, encoding: str) -> None:
    text = "あア" if encoding == "shift_jis" else "가나"

    blocks = blocks_of(tmp_path, "a.html", f"<html>{head}<p>{text}</p></html>".encode(encoding))

    assert shapes(blocks) == [("text", 0, text)]


def test_xhtml_with_an_empty_title_is_not_swallowed(tmp_path: Path) -> None:
    html = (
        '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head>'
        "<body><p>seen&nbsp;here</p></body></html>"
    )

    assert shapes(blocks_of(tmp_path, "a.xhtml", html)) == [("text", 0, "seen here")]


def test_embedded_pictures_are_figures_and_linked_ones_are_never_fetched(tmp_path: Path) -> None:
    source = base64.b64encode(PIXEL).decode()

    (figure,) = blocks_of(
        tmp_path,
        "a.html",
        f'<img alt="dot" src="data:image/png;base64,{source}"><img src="file:///etc/passwd">',
    )

    assert (figure.kind, figure.text, figure.image) == ("figure", "dot", PIXEL)


def test_markup_that_nests_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text("<div>" * 100_000 + "x")

    with pytest.raises(TooLarge):
        pages_of(path)


def test_a_page_of_comments_is_recognised_in_linear_time(tmp_path: Path) -> None:
    path = tmp_path / "page"
    path.write_text("<!---->" * 5000 + "words")

    (page,) = pages_of(path)

    assert page.blocks


def test_a_web_archive_gives_its_page_with_its_pictures(tmp_path: Path) -> None:
    message = (
        "From: <Saved by Blink>\r\nSnapshot-Content-Location: http://x/\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/related; boundary="B"\r\n\r\n--B\r\nContent-Type: text/html\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n<p>caf=C3=A9</p>"
        '<img alt=3D"dot" src=3D"cid:p@x">\r\n--B\r\nContent-Type: image/png\r\n'
        "Content-ID: <p@x>\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        f"{base64.b64encode(PIXEL).decode()}\r\n--B--\r\n"
    )

    text, figure = blocks_of(tmp_path, "a.mhtml", message)

    assert text.text == "café"
    assert figure.image == PIXEL


def epub(folder: Path, **extra: str) -> Path:
    path = folder / "book.epub"
    files = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": "<container><rootfiles><rootfile full-path='O/p.opf'/>"
        "</rootfiles></container>",
        "O/p.opf": "<package><manifest>"
        "<item id='n' href='nav.xhtml' media-type='application/xhtml+xml' properties='nav'/>"
        "<item id='b' href='b.xhtml' media-type='application/xhtml+xml'/>"
        "<item id='a' href='a%20a.xhtml' media-type='application/xhtml+xml'/>"
        "</manifest><spine><itemref idref='a'/><itemref idref='b'/></spine></package>",
        "O/nav.xhtml": "<nav><a href='a%20a.xhtml#x'>Chapter A</a><a href='b.xhtml'>B</a></nav>",
        "O/a a.xhtml": "<html><title>Book</title><p>first</p></html>",
        "O/b.xhtml": "<html><h1>Own heading</h1><p>second</p></html>",
    }
    with zipfile.ZipFile(path, "w") as package:
        for name, content in (files | extra).items():
            package.writestr(name, content)
    return path


def test_a_book_gives_its_chapters_in_spine_order_named_by_its_contents(tmp_path: Path) -> None:
    first, second = pages_of(epub(tmp_path))

    assert first.label == "Chapter A"
    assert shapes(first.blocks) == [("heading", 1, "Chapter A"), ("text", 0, "first")]
    assert shapes(second.blocks) == [("heading", 1, "Own heading"), ("text", 0, "second")]


def test_a_copy_protected_book_is_refused_but_obfuscated_fonts_are_not(tmp_path: Path) -> None:
    encrypted = (
        "<encryption><EncryptedData><EncryptionMethod Algorithm='{}'/></EncryptedData></encryption>"
    ).format
    fonts = encrypted("http://www.idpf.org/2008/embedding")
    content = encrypted("http://www.w3.org/2001/04/xmlenc#aes128-cbc")

    assert pages_of(epub(tmp_path, **{"META-INF/encryption.xml": fonts}))
    with pytest.raises(UnreadableDocument) as caught:
        pages_of(epub(tmp_path, **{"META-INF/encryption.xml": content}))
    assert caught.value.code == "password_protected"


def test_xml_gives_the_text_of_its_elements(tmp_path: Path) -> None:
    xml = "<svg><script>x()</script><title>Map</title><g><text>North <b>pole</b></text></g></svg>"

    assert shapes(blocks_of(tmp_path, "a.svg", xml)) == [
        ("heading", 2, "Map"),
        ("text", 0, "North pole"),
    ]


@pytest.mark.parametrize(
    "xml",
    [
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]><a>&y;</a>',
    ],
)
def test_xml_that_declares_entities_is_refused(tmp_path: Path, xml: str) -> None:
    path = tmp_path / "a.xml"
    path.write_text(xml)

    with pytest.raises(TooLarge):
        pages_of(path)
