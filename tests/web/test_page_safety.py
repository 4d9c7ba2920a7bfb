"""What a page may do at most, and that it asks nobody outside for anything."""

import base64
import hashlib
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from tests.web.conftest import Site
from web.configuration import WebSettings
from web.headers import content_security_policy, streamlit_index
from web.navigation import PATHS

WEB = Path(__file__).parents[2] / "web"
OUTSIDE = re.compile(r"(?i)(?:https?:)?//(?!127\.0\.0\.1|localhost)[a-z0-9-]+\.[a-z0-9.-]+")
NAMED_ONLY = ("https://lectern.example.org", "http://www.w3.org")


def test_every_response_carries_the_policy_and_its_companions(site: Site) -> None:
    headers = site.get("/login").headers

    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_inline_scripts_run_by_their_hash_only() -> None:
    index = streamlit_index()
    policy = content_security_policy(index)
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))

    inline = re.findall(r"<script>(.*?)</script>", index, re.DOTALL)

    assert inline, "Streamlit's page has no inline script any more: the policy can be stricter"
    for script in inline:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in scripts
    assert "unsafe" not in scripts
    assert "http" not in policy


def test_a_page_may_send_uploads_to_the_store_and_to_nobody_else() -> None:
    policy = content_security_policy("", upload_origin="https://store.test:9000")

    outside = [part for part in policy.split("; ") if "https:" in part]

    assert outside == ["connect-src 'self' https://store.test:9000"]


@pytest.mark.parametrize(
    "origin", ["store.test", "https://store.test/bucket", "https://a; script-src *", "https://*"]
)
def test_what_is_no_origin_does_not_reach_the_policy(origin: str) -> None:
    with pytest.raises(ValidationError, match="no origin"):
        WebSettings(web_upload_origin=origin)


@pytest.mark.parametrize("path", sorted(PATHS))
def test_a_page_knows_where_its_server_is(site: Site, path: str) -> None:
    site.sign_in()

    response = site.get(path)

    script = response.text.index("BACKEND_BASE_URL")
    assert script < response.text.index('<script type="module"'), "before anything asks for it"
    assert response.headers["cache-control"] == "no-cache"


def test_our_own_pages_need_no_script_at_all(site: Site) -> None:
    for template in (WEB / "templates").glob("*.html"):
        assert "<script" not in template.read_text(encoding="utf-8")
        assert " on" not in re.sub(r"{%.*?%}", "", template.read_text(encoding="utf-8")).replace(
            " one", ""
        ).replace(" only", "")


def test_no_file_of_the_web_ui_names_an_address_outside() -> None:
    found = [
        f"{path.relative_to(WEB)}: {match.group()}"
        for path in WEB.rglob("*")
        if path.is_file() and path.suffix in {".py", ".js", ".css", ".html", ".toml", ".json"}
        for match in OUTSIDE.finditer(path.read_text(encoding="utf-8"))
        if match.group() and not match.group().startswith(NAMED_ONLY)
    ]

    assert found == []
