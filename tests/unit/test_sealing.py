from pathlib import Path

import pytest
from pydantic import SecretStr

from lectern.errors import PermanentError
from lectern.sealing import seal_of
from lectern.settings import Settings

OLD, NEW = SecretStr("old secret"), SecretStr("new secret")


def test_what_was_sealed_can_be_opened_by_another_process_of_the_same_home(tmp_path: Path) -> None:
    sealed = seal_of(Settings(home=tmp_path)).close("sk-secret")

    opened = seal_of(Settings(home=tmp_path)).open(sealed)

    assert opened == "sk-secret"
    assert "sk-secret" not in sealed
    [file] = tmp_path.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


def test_nothing_is_sealed_as_nothing(tmp_path: Path) -> None:
    seal = seal_of(Settings(home=tmp_path))

    assert seal.open(seal.close("")) == ""


def test_keys_rotate_the_first_seals_and_all_open(tmp_path: Path) -> None:
    before = seal_of(Settings(home=tmp_path, secrets_key=OLD))
    both = seal_of(Settings(home=tmp_path, secrets_key=SecretStr("new secret, old secret")))
    after = seal_of(Settings(home=tmp_path, secrets_key=NEW))

    sealed = before.close("sk-secret")

    assert both.open(sealed) == "sk-secret"
    assert after.open(both.renew(sealed)) == "sk-secret"
    with pytest.raises(PermanentError, match="LECTERN_SECRETS_KEY") as refused:
        after.open(sealed)
    assert refused.value.code == "secret_unreadable"
    with pytest.raises(PermanentError, match="LECTERN_SECRETS_KEY"):
        after.renew(sealed)
