"""Every error that people can meet in the web UI has words in every language."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from lectern.api import BulkResult, FailureReply, InvitationRequest
from lectern.errors import Forbidden, InvalidRequest
from tests.web.answer_values import reply
from tests.web.conftest import Site, World, page_of
from web.language import LANGUAGE_STATE, LANGUAGES, catalog
from web.parts.citations import link, sources, with_sources
from web.parts.failures import note_of
from web.parts.said import error_text
from web.routes.account import friendly

ROOT = Path(__file__).parents[2]
ELSEWHERE = {
    "lectern/cli": "the command line",
    "lectern/local": "the command line: `lectern up`",
    "lectern/backup": "the command line: backups",
    "lectern/catalog/migrating.py": "the command line: migrations",
    "lectern/catalog/versions.py": "the command line: migrations",
    "lectern/catalog/dumping.py": "the command line: backups",
    "lectern/client/documents.py": "programs that wait for a document",
    "functions/answer/mcp_api.py": "programs that speak MCP",
    "functions/maintain": "operators: upkeep and dead letters, in the log",
    "lectern/event_types.py": "operators: events of a newer version",
    "lectern/trust.py": "operators: the process does not start",
}
"""Where errors are raised that nobody meets in the web UI, and who does."""
OTHER_WORDS = {
    "internal": "has words",
    "permanent": "the default of a class that is never raised bare",
    "unreadable": "the default of a class that is never raised bare",
    "invalid_event": "events only",
    "cancelled": "whoever asked has gone",
    "invalid_request": "names the field and the value; the pages check their forms before",
    "invalid_key": "keys of objects are made by Lectern, not by people",
    "oidc_domain": "account.provider_domain",
    "oidc_invalid_token": "account.provider_failed",
    "oidc_refused": "account.provider_failed",
    "oidc_state": "account.provider_failed",
    "oidc_unavailable": "account.provider_unavailable",
}
"""Codes without words of their own: why, or where their words are."""

OF_DOCUMENTS = "parser_"
"""What codes of a parser's service begin with: they stand at a document, as `failure_parser`."""


@pytest.fixture(autouse=True)
def _language_of_its_own() -> Iterator[None]:
    yield
    st.session_state.pop(LANGUAGE_STATE, None)


def raised() -> dict[str, set[str]]:
    """Return the codes that our code gives, with the files that give them."""
    found: dict[str, set[str]] = {}
    for folder in ("functions", "lectern"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            where = str(path.relative_to(ROOT))
            if any(where.startswith(elsewhere) for elsewhere in ELSEWHERE):
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                for code in codes_of(node):
                    found.setdefault(code, set()).add(where)
    return found


def codes_of(node: ast.AST) -> Iterator[str]:
    values: list[ast.expr | None] = []
    if isinstance(node, ast.Call):
        values = [each.value for each in node.keywords if each.arg == "code"]
    elif isinstance(node, ast.AnnAssign | ast.Assign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if [getattr(each, "id", "") for each in targets] == ["default_code"]:
            values = [node.value]
    for value in values:
        choices = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
        for choice in choices:
            if isinstance(choice, ast.Constant) and isinstance(choice.value, str):
                yield choice.value


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_error_that_people_can_meet_has_words(language: str) -> None:
    strings = {key.removesuffix(".other") for key in catalog(language)}

    missing = {
        code: sorted(files)
        for code, files in raised().items()
        if not {f"said.{code}", f"library.failure_{code}"} & strings
        and code not in OTHER_WORDS
        and not code.startswith(OF_DOCUMENTS)
    }

    assert len(raised()) > 80
    assert "library.failure_parser" in strings
    assert missing == {}


def test_no_exception_is_left_over() -> None:
    assert set(OTHER_WORDS) - set(raised()) == set()
    assert [where for where in ELSEWHERE if not (ROOT / where).exists()] == []


def test_no_page_shows_what_a_function_says_as_it_is() -> None:
    """`error_text` is the one place that does, for codes without words."""
    parts = [*(ROOT / "web" / "parts").glob("*.py"), *(ROOT / "web" / "app_pages").glob("*.py")]
    bare = [
        f"{path.name}:{number}"
        for path in parts
        if path.name != "said.py"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if "error.detail" in line and "MessageFailure(" not in line
    ]

    assert bare == []


def test_a_sign_in_that_fails_says_why_in_korean() -> None:
    assert friendly("ko", InvalidRequest("…", code="weak_password")).startswith("추측하기")
    assert friendly("ko", InvalidRequest("…", code="name_taken")).startswith("이미 있는")
    assert friendly("ko", Forbidden("…", code="account_disabled")).startswith("사용이 중지된")
    assert friendly("ko", InvalidRequest("as it is")) == "as it is"


def test_a_weak_password_is_refused_in_korean(site: Site, world: World) -> None:
    secret = world.lectern("admin").invitations.create(InvitationRequest()).secret
    fields = {"name": "weak", "password": "1234567890", "again": "1234567890"}

    page = site.post(f"/invite/{secret}", fields, headers={"Accept-Language": "ko"})

    assert page.status_code == 400
    assert "추측하기 쉬운 비밀번호입니다" in page.text


def test_a_wrong_password_is_told_in_our_words(world: World) -> None:
    at = page_of(world, "reader", "settings")
    at.session_state["settings-tab"] = "Sign-in"
    at.run()

    form = at.form("settings-password")
    wrong = ("not the password", "an-unusual-heron", "an-unusual-heron")
    for field, value in zip(form.text_input, wrong, strict=True):
        field.set_value(value)
    form.button[0].click().run()

    assert at.error[0].value == catalog("en")["settings.password_wrong"]


def test_what_became_of_one_of_many_documents_is_told_in_korean() -> None:
    st.session_state[LANGUAGE_STATE] = "ko"
    stayed = BulkResult(document_id="d", done=False, code="not_failed", detail="in English")
    failed = FailureReply(stage="parse", code="member_unreadable", detail="in English")

    assert error_text(stayed).startswith("실패한 문서가")
    assert note_of(failed)["reason"].startswith("압축 파일에서")


def test_a_citation_names_its_page_in_korean() -> None:
    st.session_state[LANGUAGE_STATE] = "ko"
    answer = reply()

    assert "· 2쪽" in link("m1", sources(answer)[0].places[0], answer.passages)
    assert with_sources(answer, "출처").endswith("library.pdf, 2쪽")
