"""Models page: what users may spend, and what may be spent on collections, in a month."""

from typing import Literal

import streamlit as st

from lectern.api import ModelBudgetEntry
from lectern.errors import LecternError
from web.language import t
from web.parts.citations import plain
from web.parts.said import error_text
from web.session import lectern


def budgets() -> None:
    """List the budgets, and let administrators set one or remove one."""
    st.caption(t("models.budgets_text"))
    names = _names()
    for number, budget in enumerate(lectern().models.budgets()):
        with st.container(key=f"budget-{number}", horizontal=True, vertical_alignment="center"):
            st.markdown(f"{plain(_whose(budget, names))}: **{plain(_limits(budget))}**")
            if st.button(
                t("models.remove"), key=f"budget-remove-{number}", type="tertiary", width="content"
            ):
                empty = ModelBudgetEntry(subject=budget.subject, subject_id=budget.subject_id)
                _set(empty)
    with st.popover(t("models.budget_set"), icon=":material/savings:"):
        _form(names)


def _form(names: dict[tuple[str, str], str]) -> None:
    with st.form("model-budget", border=False, clear_on_submit=True):
        whose = st.selectbox(t("models.budget_for"), list(names), format_func=names.__getitem__)
        tokens = st.number_input(t("models.budget_tokens"), 0, 10**15, value=None, step=100_000)
        cost = st.number_input(t("models.budget_cost"), 0.0, 1e9, value=None, step=1.0)
        saved = st.form_submit_button(t("models.save"), type="primary")
    if saved and (tokens is not None or cost is not None):
        subject: Literal["user", "collection"] = "user" if whose[0] == "user" else "collection"
        _set(
            ModelBudgetEntry(
                subject=subject,
                subject_id=whose[1],
                tokens=None if tokens is None else int(tokens),
                cost=cost,
            )
        )


def _set(budget: ModelBudgetEntry) -> None:
    try:
        lectern().models.set_budget(budget)
    except LecternError as error:
        st.error(error_text(error), icon=":material/error:")
        return
    st.rerun()


def _names() -> dict[tuple[str, str], str]:
    """Return whom a budget can be for: everybody first, then people and collections by name."""
    users = lectern().users.list().users
    collections = lectern().collections.list()
    return {
        ("user", ""): t("models.budget_each_user"),
        ("collection", ""): t("models.budget_each_collection"),
        **{("user", each.user_id): each.display_name or each.name for each in users},
        **{("collection", each.collection_id): each.name for each in collections},
    }


def _whose(budget: ModelBudgetEntry, names: dict[tuple[str, str], str]) -> str:
    return names.get((budget.subject, budget.subject_id), budget.subject_id)


def _limits(budget: ModelBudgetEntry) -> str:
    limits = []
    if budget.tokens is not None:
        limits.append(t("models.budget_of_tokens", count=f"{budget.tokens:,}"))
    if budget.cost is not None:
        limits.append(t("models.budget_of_cost", cost=f"{budget.cost:,.2f}"))
    return " · ".join(limits)
