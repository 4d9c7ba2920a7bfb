"""Which passwords are good enough, and what a session is called."""

import pytest

from functions.catalog.browsers import label_of
from lectern.common_passwords import COMMON
from lectern.errors import InvalidRequest
from lectern.passwords import (
    MIN_LENGTH,
    hash_password,
    is_outdated,
    require_good,
    temporary_password,
    verify,
)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse",
        "비밀번호를 아무도 몰라요",
        "all lower case",
        "1029384756 and so on",
        "x" * 5 + "yzab1",
    ],
)
def test_length_is_enough_whatever_the_characters(password: str) -> None:
    require_good(password, name="kim")


@pytest.mark.parametrize(
    ("password", "name"),
    [
        ("", "kim"),
        ("nine char", "kim"),
        ("Password123", "kim"),
        ("1111111111", "kim"),
        ("Bartholomew", "bartholomew"),
        ("KimberlyKimberly", "Kimberly"),
        ("x" * 200 + "yzab" * 20, "kim"),
    ],
)
def test_short_common_and_own_names_are_refused(password: str, name: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        require_good(password, name=name)

    assert refused.value.code == "weak_password"
    assert password == "" or password not in refused.value.detail


def test_the_list_of_the_commonest_holds_what_length_lets_through() -> None:
    assert all(len(common) >= MIN_LENGTH and common == common.casefold() for common in COMMON)


def test_a_hash_is_salted_and_checks_one_password() -> None:
    first, second = hash_password("a good password"), hash_password("a good password")

    assert first != second
    assert first.startswith("$argon2id$")
    assert verify("a good password", first)
    assert not verify("a good passwore", first)
    assert not is_outdated(first)


@pytest.mark.parametrize("damaged", ["", "no hash", "$argon2id$v=19$m=1,t=1,p=1$AA$AA"])
def test_without_a_hash_no_password_is_right(damaged: str) -> None:
    assert not verify("a good password", damaged)


def test_text_that_is_no_unicode_can_be_a_password() -> None:
    assert verify("a lone \ud800 surrogate", hash_password("a lone \ud800 surrogate"))


def test_temporary_passwords_differ_and_are_good() -> None:
    made = {temporary_password() for _ in range(50)}

    assert len(made) == 50
    for password in made:
        require_good(password)


@pytest.mark.parametrize(
    ("user_agent", "label"),
    [
        ("", ""),
        ("python-httpx/0.28.1", "python-httpx/0.28.1"),
        ("evil\x1b[31m/1.0", "evil[31m/1.0"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15",
            "Safari, macOS",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge, Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15) SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36",
            "Samsung Internet, Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) CriOS/140.0 Safari/604.1",
            "Chrome, iPhone",
        ),
    ],
)
def test_a_session_is_called_after_its_browser(user_agent: str, label: str) -> None:
    assert label_of(user_agent) == label
