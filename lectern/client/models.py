"""The models that are configured; for administrators."""

from collections.abc import Sequence

from lectern.api import ModelList, ModelReply, ModelRole, ModelTestReply, ModelTestRequest
from lectern.client.connection import Connection


class Models:
    """Models that Lectern embeds and answers with."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self) -> Sequence[ModelReply]:
        """Return the models in use."""
        return self._connection.fetch("answer", "GET", "/v1/models/configured", ModelList).models

    def test(self, role: ModelRole) -> ModelTestReply:
        """Try a model with a short request; that it does not answer is a result, no error."""
        body = ModelTestRequest(role=role)
        return self._connection.fetch(
            "answer", "POST", "/v1/models/test", ModelTestReply, body=body
        )
