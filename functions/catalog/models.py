"""Models, which of them serve what, and what may be spent on them; for administrators."""

from collections.abc import Mapping, Sequence

from functions.catalog.needing import require_not_needed
from functions.catalog.service import administrator, api
from functions.catalog.wiring import dependencies
from lectern.access import Access
from lectern.api import (
    LEAST_CHAT_CONTEXT,
    ModelBudgetEntry,
    ModelBudgetList,
    ModelChange,
    ModelDefaults,
    ModelDeletionQuery,
    ModelEntryList,
    ModelEntryReply,
    ModelKeysRenewed,
    ModelPreset,
    ModelPresetList,
    ModelRequest,
)
from lectern.catalog.port_models import KIND_OF_USE, ModelBudget, ModelEntry, ModelUse
from lectern.errors import InvalidRequest, NotFound
from lectern.models.addresses import require_allowed, same_origin
from lectern.models.editing import changed, described, shown
from lectern.models.presets import PRESETS
from lectern.serving.http import read_body, read_query

_FIRST_USE: Mapping[str, ModelUse] = {
    "chat": "answer",
    "rerank": "rerank",
    "embedding": "embedding",
}
_MICROS = 1_000_000


@api.route("GET", "/v1/models", reply=ModelEntryList)
def list_models() -> ModelEntryList:
    """List all models, those of the environment first; keys are never shown."""
    administrator()
    return ModelEntryList(
        models=[shown(entry) for entry in dependencies().known_models().entries.values()]
    )


@api.route("POST", "/v1/models", body=ModelRequest, reply=ModelEntryReply, status=201)
def create_model() -> ModelEntryReply:
    """Add a model. It serves answers, or reranks, at once when nothing else does.

    Embedders never do: there is one already, and what collections have stays theirs.
    """
    access, needs = administrator(), dependencies()
    asked = read_body(ModelRequest)
    require_allowed(asked.url, private=needs.private_model_endpoints)
    sealed = needs.seal().close(asked.key.get_secret_value())
    entry = access.catalog.models.create(described(asked, sealed_key=sealed))
    access.record("model.created", entry.model_id)
    use = _FIRST_USE[entry.kind]
    if not _choices(access)[use] and not any(e.kind == entry.kind for e in needs.environment):
        access.catalog.models.choose(use, [entry.model_id])
    return shown(entry)


@api.route("PATCH", "/v1/models/<model_id>", body=ModelChange, reply=ModelEntryReply)
def change_model(model_id: str) -> ModelEntryReply:
    """Change a model; a key that is left out stays, unless the address leads to another host."""
    access, needs = administrator(), dependencies()
    asked = read_body(ModelChange)
    before = access.catalog.models.get(model_id)
    if before is None:
        raise _not_editable(needs.environment, model_id)
    sealed = before.sealed_key
    if asked.key is not None:
        sealed = needs.seal().close(asked.key.get_secret_value())
    after = changed(before, asked, sealed_key=sealed)
    if asked.key is None and sealed and not same_origin(before.url, after.url):
        raise InvalidRequest(
            f"the address of model {before.name!r} leads to another host: give its key anew, for "
            "the stored one goes nowhere else",
            code="model_key_needed",
        )
    if after.kind == "chat" and after.context_tokens < LEAST_CHAT_CONTEXT:
        raise InvalidRequest(f"a chat model needs a context of {LEAST_CHAT_CONTEXT} tokens")
    require_allowed(after.url, private=needs.private_model_endpoints)
    stored = access.catalog.models.change(after)
    access.record("model.changed", model_id, fields=" ".join(sorted(asked.model_fields_set)))
    return shown(stored)


@api.route("DELETE", "/v1/models/<model_id>", query=ModelDeletionQuery, status=204)
def delete_model(model_id: str) -> None:
    """Remove a model, also from what it serves; an unknown one is no error.

    An embedder that collections need is removed with `force` alone: they are searched by their
    words only from then on, and take no documents, until they are embedded anew.
    """
    access = administrator()
    asked = read_query(ModelDeletionQuery)
    if any(entry.model_id == model_id for entry in dependencies().environment):
        raise _not_editable(dependencies().environment, model_id)
    if not asked.force:
        require_not_needed(access.catalog, dependencies().known_models(), model_id)
    access.catalog.models.delete(model_id)
    access.record("model.deleted", model_id)


@api.route("GET", "/v1/models/presets", reply=ModelPresetList)
def list_presets() -> ModelPresetList:
    """List the providers whose addresses are known."""
    administrator()
    return ModelPresetList(
        presets=[
            ModelPreset.model_validate(
                {
                    "preset": each.preset,
                    "label": each.label,
                    "kind": each.kind,
                    "url": each.url,
                    "needs_key": each.needs_key,
                    "rerank_kind": each.dialect or None,
                    "context_tokens": each.context_tokens,
                }
            )
            for each in PRESETS.values()
        ]
    )


@api.route("GET", "/v1/models/defaults", reply=ModelDefaults)
def get_defaults() -> ModelDefaults:
    """Return which models serve what, as far as it was chosen."""
    return ModelDefaults.model_validate(_choices(administrator()))


@api.route("PUT", "/v1/models/defaults", body=ModelDefaults, reply=ModelDefaults)
def set_defaults() -> ModelDefaults:
    """Choose which models serve what; the next of a list is asked when one fails."""
    access = administrator()
    body = read_body(ModelDefaults)
    asked: Mapping[ModelUse, Sequence[str]] = {use: getattr(body, use) for use in KIND_OF_USE}
    entries, before = dependencies().known_models().entries, _choices(access)
    for use, model_ids in asked.items():
        for model_id in model_ids:
            if model_id not in entries or entries[model_id].kind != KIND_OF_USE[use]:
                raise InvalidRequest(
                    f"there is no {KIND_OF_USE[use]} model {model_id!r}, which is to serve {use!r}"
                )
    for use, model_ids in asked.items():
        if list(model_ids) != list(before[use]):
            access.catalog.models.choose(use, model_ids)
            access.record("model.chosen", use=use, models=" ".join(model_ids))
    return ModelDefaults.model_validate(_choices(access))


@api.route("GET", "/v1/models/budgets", reply=ModelBudgetList)
def list_budgets() -> ModelBudgetList:
    """List what may be spent in a month."""
    return _budgets(administrator())


@api.route("PUT", "/v1/models/budgets", body=ModelBudgetEntry, reply=ModelBudgetList)
def set_budget() -> ModelBudgetList:
    """Set one budget; without any limit it is removed."""
    access = administrator()
    asked = read_body(ModelBudgetEntry)
    cost = None if asked.cost is None else round(asked.cost * _MICROS)
    access.catalog.models.set_budget(
        ModelBudget(asked.subject, asked.subject_id, asked.tokens, cost)
    )
    access.record("model.budget", asked.subject_id, of=asked.subject)
    return _budgets(access)


@api.route("POST", "/v1/models/keys/renew", reply=ModelKeysRenewed)
def renew_keys() -> ModelKeysRenewed:
    """Seal all keys with the first secret of LECTERN_SECRETS_KEY, after which others can go."""
    access = administrator()
    renew = dependencies().seal().renew
    renewed = access.catalog.models.reseal(renew) + access.catalog.tool_servers.reseal(renew)
    access.record("model.keys_renewed", count=str(renewed))
    return ModelKeysRenewed(renewed=renewed)


def _choices(access: Access) -> Mapping[ModelUse, Sequence[str]]:
    chosen = access.catalog.models.registry().choices
    return {use: list(chosen.get(use, ())) for use in KIND_OF_USE}


def _budgets(access: Access) -> ModelBudgetList:
    return ModelBudgetList(
        budgets=[
            ModelBudgetEntry(
                subject=each.subject,
                subject_id=each.subject_id,
                tokens=each.tokens,
                cost=None if each.cost_micros is None else each.cost_micros / _MICROS,
            )
            for each in access.catalog.models.registry().budgets
        ]
    )


def _not_editable(environment: Sequence[ModelEntry], model_id: str) -> InvalidRequest | NotFound:
    if any(entry.model_id == model_id for entry in environment):
        return InvalidRequest(
            "this model is set by the environment of the server; the operator changes it there",
            code="model_of_environment",
        )
    return NotFound(f"there is no model {model_id!r}")
