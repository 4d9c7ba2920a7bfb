"""The models of an installation; for administrators."""

from collections.abc import Sequence
from urllib.parse import quote

from lectern.api import (
    ModelBudgetEntry,
    ModelBudgetList,
    ModelChange,
    ModelDefaults,
    ModelEntryList,
    ModelEntryReply,
    ModelKeysRenewed,
    ModelList,
    ModelPreset,
    ModelPresetList,
    ModelReply,
    ModelRequest,
    ModelRole,
    ModelTestReply,
    ModelTestRequest,
)
from lectern.client.connection import Connection


class Models:
    """Models that Lectern embeds, answers and reranks with."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def configured(self) -> Sequence[ModelReply]:
        """Return the models in use."""
        return self._connection.fetch("answer", "GET", "/v1/models/configured", ModelList).models

    def list(self) -> Sequence[ModelEntryReply]:
        """Return all entries, those of the environment first."""
        return self._connection.fetch("catalog", "GET", "/v1/models", ModelEntryList).models

    def create(self, model: ModelRequest) -> ModelEntryReply:
        """Add a model; it serves at once where nothing else does.

        Raises:
            InvalidRequest: Another one has the name (`name_taken`), or the address is not allowed
                (`model_address`).
        """
        return self._connection.fetch("catalog", "POST", "/v1/models", ModelEntryReply, body=model)

    def change(self, model_id: str, change: ModelChange) -> ModelEntryReply:
        """Change a model; raises as `create`, and when a new host needs its key given anew."""
        return self._connection.fetch(
            "catalog", "PATCH", _path(model_id), ModelEntryReply, body=change
        )

    def delete(self, model_id: str, *, force: bool = False) -> None:
        """Remove a model. Safe to repeat.

        Raises:
            InvalidRequest: Collections need this embedder (`model_needed`); `force` removes it all
                the same.
        """
        self._connection.send("catalog", "DELETE", _path(model_id), query={"force": force})

    def presets(self) -> Sequence[ModelPreset]:
        """Return the providers that models can be made from."""
        path = "/v1/models/presets"
        return self._connection.fetch("catalog", "GET", path, ModelPresetList).presets

    def defaults(self) -> ModelDefaults:
        """Return which models serve what, as far as it was chosen."""
        return self._connection.fetch("catalog", "GET", "/v1/models/defaults", ModelDefaults)

    def set_defaults(self, defaults: ModelDefaults) -> ModelDefaults:
        """Choose which models serve what."""
        path = "/v1/models/defaults"
        return self._connection.fetch("catalog", "PUT", path, ModelDefaults, body=defaults)

    def budgets(self) -> Sequence[ModelBudgetEntry]:
        """Return all budgets."""
        path = "/v1/models/budgets"
        return self._connection.fetch("catalog", "GET", path, ModelBudgetList).budgets

    def set_budget(self, budget: ModelBudgetEntry) -> Sequence[ModelBudgetEntry]:
        """Set a budget, or remove one that has no limit; return all."""
        path = "/v1/models/budgets"
        found = self._connection.fetch("catalog", "PUT", path, ModelBudgetList, body=budget)
        return found.budgets

    def renew_keys(self) -> int:
        """Seal every stored key with the first secret; return how many there are."""
        path = "/v1/models/keys/renew"
        return self._connection.fetch("catalog", "POST", path, ModelKeysRenewed).renewed

    def test(
        self,
        role: ModelRole | None = None,
        *,
        model_id: str = "",
        model: ModelRequest | None = None,
    ) -> ModelTestReply:
        """Try a model with a short request; that it does not answer is a result, no error."""
        body = ModelTestRequest(role=role, model_id=model_id, model=model)
        return self._connection.fetch(
            "answer", "POST", "/v1/models/test", ModelTestReply, body=body
        )


def _path(model_id: str) -> str:
    return f"/v1/models/{quote(model_id, safe='')}"
