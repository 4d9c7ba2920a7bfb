"""Which models the settings ask for."""

from pathlib import Path

import pytest

from lectern.errors import PermanentError
from lectern.models import embedder
from lectern.models.endpoint import EndpointEmbedder
from lectern.models.offline import OfflineEmbedder
from lectern.settings import Settings

URL = "http://127.0.0.1:9/v1"


def test_by_default_everything_is_offline_and_opened_once(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)

    assert isinstance(embedder(settings), OfflineEmbedder)
    assert embedder(settings) is embedder(Settings(home=tmp_path))


def test_endpoints_are_taken_from_the_settings_without_a_request(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path, embedder="endpoint", embedding_url=URL, embedding_model="small"
    )

    assert isinstance(embedder(settings), EndpointEmbedder)
    assert embedder(settings).name == "small"


def test_an_endpoint_without_a_model_names_the_setting(tmp_path: Path) -> None:
    with pytest.raises(PermanentError, match="LECTERN_EMBEDDING_MODEL is empty"):
        embedder(Settings(home=tmp_path, embedder="endpoint", embedding_url=URL))
