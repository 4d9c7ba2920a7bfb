"""`lectern users` on a database of its own: passwords come from stdin, never as arguments."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lectern.catalog import open_catalog
from lectern.cli.users import users
from lectern.passwords import verify
from lectern.settings import Settings

PASSWORD = "a password of mine"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path))
    monkeypatch.delenv("LECTERN_DATABASE_URL", raising=False)
    return tmp_path


def run(*arguments: str, stdin: str = "") -> Result:
    return CliRunner().invoke(users, arguments, input=stdin)


def test_a_user_with_a_password_can_sign_in_with_it(home: Path) -> None:
    made = run("create", "Kim", "--admin", "--password", stdin=PASSWORD + "\n")

    assert made.exit_code == 0, made.output
    credential = open_catalog(Settings(home=home)).accounts.credential("kim")
    assert PASSWORD not in made.output
    assert credential is not None
    assert verify(PASSWORD, credential.password_hash)


def test_a_weak_password_creates_nobody(home: Path) -> None:
    run("list")

    refused = run("create", "Kim", "--password", stdin="short\n")

    assert refused.exit_code != 0
    assert json.loads(run("list", "--json").output) == {"users": []}


def test_whoever_operates_the_database_claims_it_before_anybody_else_can(home: Path) -> None:
    (home / "password").write_text(f"{PASSWORD}\n")
    claim = ("claim", "Kim", "--password-file", str(home / "password"))

    first, second = run(*claim), run(*claim)

    assert (first.exit_code, second.exit_code) == (0, 0), first.output + second.output
    credential = open_catalog(Settings(home=home)).accounts.credential("kim")
    assert credential is not None
    assert verify(PASSWORD, credential.password_hash)
    (kim,) = json.loads(run("list", "--json").output)["users"]
    assert kim["is_admin"]
    assert "already" in second.stderr


def test_a_user_is_disabled_enabled_and_given_a_new_password(home: Path) -> None:
    run("create", "boss", "--admin", "--password", stdin=PASSWORD)
    run("create", "Kim", "--json")

    run("disable", "kim")
    disabled = {u["name"]: u["disabled"] for u in json.loads(run("list", "--json").output)["users"]}
    run("enable", "kim")
    run("reset-password", "kim", stdin="another one of mine")

    assert disabled == {"Kim": True, "boss": False}
    credential = open_catalog(Settings(home=home)).accounts.credential("Kim")
    assert credential is not None
    assert not credential.disabled
    assert verify("another one of mine", credential.password_hash)
    assert run("disable", "boss").exit_code != 0, "the last administrator"
    assert run("disable", "nobody").exit_code != 0


def test_every_command_about_a_user_prints_one_json_document(home: Path) -> None:
    (home / "password").write_text(f"{PASSWORD}\n")
    claim = ("claim", "boss", "--password-file", str(home / "password"), "--json")
    printed = [json.loads(run(*claim).stdout) for _ in range(2)]
    run("create", "Kim", "--json")

    disabled, enabled, reset = (
        json.loads(run(command, "kim", "--json", stdin=PASSWORD).stdout)
        for command in ("disable", "enable", "reset-password")
    )

    assert [claimed["claimed"] for claimed in printed] == [True, False]
    assert (printed[0]["name"], printed[0]["is_admin"]) == ("boss", True)
    assert [user["name"] for user in (disabled, enabled, reset)] == ["Kim"] * 3
    assert [user["disabled"] for user in (disabled, enabled, reset)] == [True, False, False]
    assert reset["has_password"]


def test_an_invitation_needs_an_administrator_and_can_be_accepted(home: Path) -> None:
    assert run("invite").exit_code != 0
    run("create", "boss", "--admin")

    invited = json.loads(run("invite", "--email", "kim@example.com", "--json").output)

    accepted = open_catalog(Settings(home=home)).invitations.accept(invited["secret"], "Kim", "h")
    assert accepted.email == "kim@example.com"


def test_what_was_done_is_in_the_audit_log(home: Path) -> None:
    run("create", "boss", "--admin")

    (entry,) = open_catalog(Settings(home=home)).audit.list()[0]
    assert (entry.actor_name, entry.action) == ("command line", "user.created")
