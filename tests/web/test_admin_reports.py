"""The audit log and the feedback, as administrators see them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
import streamlit as st
from pydantic import SecretStr
from streamlit.testing.v1 import AppTest

from lectern.api import AuditQuery
from lectern.api.changes import BulkAction
from lectern.catalog import open_catalog
from lectern.errors import LecternError
from lectern.settings import Settings
from tests.web.conftest import World, page_of
from web.language import LANGUAGE_STATE, LANGUAGES
from web.parts.admin_reports import action_text

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _language_of_its_own() -> Iterator[None]:
    yield
    st.session_state.pop(LANGUAGE_STATE, None)


def audit_page(world: World) -> AppTest:
    at = page_of(world, "admin", "admin")
    at.session_state["admin-tab"] = "Audit log"
    return at.run()


def shown(at: AppTest) -> list[str]:
    assert not at.exception
    return [
        str(each.value) for kind in ("text", "markdown", "caption") for each in getattr(at, kind)
    ]


def rows(at: AppTest) -> int:
    return sum(value.startswith("paged-") for value in shown(at))


def test_keys_are_found_under_their_kind(world: World) -> None:
    with world.lectern("reader") as lectern:
        key_id = lectern.api_keys.create("found by kind").key_id
    at = audit_page(world)

    at.pills(key="admin-audit-kind").set_value("api_key").run()

    assert "API key created" in shown(at)
    assert any(each.startswith(key_id) for each in shown(at)), "what it was done to"


def test_failed_sign_ins_are_sign_ins(world: World) -> None:
    with pytest.raises(LecternError), world.lectern() as stranger:
        stranger.account.login("reader", "not the password")
    at = audit_page(world)

    at.pills(key="admin-audit-kind").set_value("session").run()

    assert {"Sign-in failed", "Signed in"} <= set(shown(at))
    assert "Account created" not in shown(at)


def test_the_log_goes_on_beyond_a_page(world: World) -> None:
    catalog = open_catalog(Settings(home=world.home, database_url=SecretStr("")))
    for number in range(120):
        catalog.audit.record("", "many", "model.chosen", subject=f"paged-{number}")
    catalog.close()
    at = audit_page(world)
    at.pills(key="admin-audit-kind").set_value("model").run()
    seen = [rows(at)]

    while not at.button(key="admin-audit-older").disabled:
        at.button(key="admin-audit-older").click().run()
        seen.append(rows(at))
    last = shown(at)
    at.button(key="admin-audit-newer").click().run()

    assert seen == [50, 50, 20]
    assert "paged-0" in last
    assert rows(at) == 50


def test_several_beginnings_are_found_at_once(world: World) -> None:
    with world.lectern("admin") as lectern:
        found = lectern.audit.list(AuditQuery(action="setup,group.", limit=500)).entries

    assert {each.action for each in found} >= {"setup.done"}
    assert {entry.action.split(".")[0] for entry in found} <= {"setup", "group"}


def actions() -> set[str]:
    """Return what the code writes into the log."""
    found = {f"documents.{action}" for action in get_args(BulkAction)}
    for folder in ("functions", "lectern"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and called(node) in {"record", "_note"}:
                    texts = [each.value for each in node.args if isinstance(each, ast.Constant)]
                    found |= {
                        text
                        for text in texts
                        if isinstance(text, str) and re.fullmatch(r"[a-z_]+\.[a-z_]+", text)
                    }
    return found


def called(node: ast.Call) -> str:
    return str(getattr(node.func, "attr", getattr(node.func, "id", "")))


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_action_has_words(language: str) -> None:
    st.session_state[LANGUAGE_STATE] = language

    assert len(actions()) > 30
    assert [action for action in sorted(actions()) if action_text(action).startswith("`")] == []
    assert action_text("from.later") == "`from.later`"
