import pytest

from web.routes.shared import markdown


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[click](javascript:alert(1))",
        "![x](https://evil.example/?q=secret)",
        "<https://evil.example>",
        "[a]\n\n[a]: https://evil.example",
        "`<script>`",
        "|a|\n|-|\n|<img src=x>|",
        "```html\n<script>x</script>\n```",
    ],
)
def test_a_shared_answer_makes_no_link_no_image_and_no_html_of_its_own(text: str) -> None:
    html = str(markdown(text))

    for forbidden in ("<script", "<img", "<a ", "href=", "src=x>" if "&lt;" not in html else "\0"):
        assert forbidden not in html


def test_a_shared_answer_keeps_its_form() -> None:
    html = str(markdown("**Nineteen** days. [1]\n\n- a\n- b"))

    assert "<strong>Nineteen</strong> days. [1]" in html
    assert html.count("<li>") == 2
