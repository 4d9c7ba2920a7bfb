"""`lectern models`. A key is typed without echo or read from stdin: never an argument."""

import sys
from typing import TYPE_CHECKING, Any

import click

from lectern.cli.session import session, talks_to_lectern

if TYPE_CHECKING:
    from lectern.api import ModelEntryReply
    from lectern.client import Lectern

_USES = click.Choice(["answer", "small", "vision", "rerank", "embedding"])
_RERANK_KINDS = click.Choice(["cohere", "jina", "voyage", "tei"])
_USUAL_S = {"chat": 120.0, "rerank": 5.0, "embedding": 60.0}
_USUAL_TOKENS = 8192


@click.group()
def models() -> None:
    """List, add, remove, choose or try models; for administrators."""


@models.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@talks_to_lectern
def list_models(*, as_json: bool, server: str | None, token: str | None) -> None:
    """Show all models and what they serve."""
    from lectern.cli.output import print_json, printable

    with session(server, token) as here:
        found = here.lectern.models.list()
        defaults = here.lectern.models.defaults()
    if as_json:
        entries = [each.model_dump(mode="json") for each in found]
        print_json({"models": entries, "defaults": defaults.model_dump()})
        return
    for each in found:
        serves = [use for use, ids in defaults.model_dump().items() if each.model_id in ids]
        marks = [
            *(["environment"] if each.of_environment else []),
            *([] if each.enabled else ["off"]),
            *serves,
        ]
        mark = f"  ({', '.join(marks)})" if marks else ""
        click.echo(
            printable(
                f"{each.model_id}  {each.kind:9}  {each.name}  {each.model}  {each.url}{mark}"
            )
        )


@models.command()
@click.argument("name")
@click.option("--preset", default="", help="Provider, as in `lectern models presets`.")
@click.option("--url", default="", help="Base URL; that of the preset unless given.")
@click.option("--model", default="", help="Name of the model at its endpoint.")
@click.option("--key", "with_key", is_flag=True, help="Ask for a key, or read it from stdin.")
@click.option("--rerank", "rerank_kind", type=_RERANK_KINDS, help="A reranker, of this kind.")
@click.option("--embedding", is_flag=True, help="An embedding model.")
@click.option("--context-tokens", type=int, help="Of an embedding model, the longest input.")
@click.option("--sees-images", is_flag=True, help="It takes pictures.")
@click.option("--dimensions", type=int, default=0, help="Length of vectors to ask for.")
@click.option("--query-prefix", default="", help="Before each question that is embedded.")
@click.option("--passage-prefix", default="", help="Before each passage that is embedded.")
@click.option("--price", default=0.0, help="Of a million tokens read.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@talks_to_lectern
def add(
    name: str,
    *,
    preset: str,
    url: str,
    model: str,
    with_key: bool,
    rerank_kind: str | None,
    embedding: bool,
    context_tokens: int | None,
    price: float,
    as_json: bool,
    server: str | None,
    token: str | None,
    **more: Any,
) -> None:
    """Add a model; it serves at once where nothing else does."""
    from pydantic import ValidationError

    from lectern.api import ModelRequest
    from lectern.cli.output import print_json, printable

    key = read_key() if with_key else ""
    with session(server, token) as here:
        known = {each.preset: each for each in here.lectern.models.presets()}
        if preset and preset not in known:
            raise click.UsageError(f"--preset {preset!r} is none of {', '.join(known)}")
        provider = known.get(preset)
        rerank_kind = rerank_kind or (provider.rerank_kind if provider else None)
        of_preset = provider.kind if provider else "chat"
        kind = "rerank" if rerank_kind else "embedding" if embedding else of_preset
        usual_tokens = provider.context_tokens if provider else _USUAL_TOKENS
        try:
            request = ModelRequest.model_validate(
                {
                    "name": name,
                    "kind": kind,
                    "preset": preset,
                    "url": url or (provider.url if provider else ""),
                    "model": model,
                    "key": key,
                    "rerank_kind": rerank_kind,
                    "context_tokens": context_tokens or usual_tokens,
                    "prompt_price": price,
                    "timeout_s": _USUAL_S[kind],
                    **more,
                }
            )
        except ValidationError as error:
            raise click.UsageError("a model needs --url (or --preset) and --model") from error
        made = here.lectern.models.create(request)
    if as_json:
        print_json(made.model_dump(mode="json"))
    else:
        click.echo(printable(made.model_id))


@models.command()
@talks_to_lectern
def presets(*, server: str | None, token: str | None) -> None:
    """Show the providers whose addresses are known."""
    with session(server, token) as here:
        for each in here.lectern.models.presets():
            click.echo(f"{each.preset:19}  {each.kind:9}  {each.url}")


@models.command()
@click.argument("model")
@click.option("--force", is_flag=True, help="Also an embedding model that collections need.")
@talks_to_lectern
def remove(model: str, *, force: bool, server: str | None, token: str | None) -> None:
    """Remove a model, by its name or id."""
    with session(server, token) as here:
        here.lectern.models.delete(_named(here.lectern, model).model_id, force=force)


@models.command()
@click.argument("use", type=_USES)
@click.argument("model", nargs=-1)
@talks_to_lectern
def default(use: str, model: tuple[str, ...], *, server: str | None, token: str | None) -> None:
    """Let models serve a use, the first choice first; none undoes the choice."""
    with session(server, token) as here:
        ids = [_named(here.lectern, each).model_id for each in model]
        before = here.lectern.models.defaults()
        here.lectern.models.set_defaults(before.model_copy(update={use: ids}))


@models.command("test")
@click.argument("model")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@talks_to_lectern
def try_model(model: str, *, as_json: bool, server: str | None, token: str | None) -> None:
    """Send a model a short request; the exit code says whether it answered."""
    from lectern.cli.output import print_json, printable

    with session(server, token) as here:
        tried = here.lectern.models.test(model_id=_named(here.lectern, model).model_id)
    if as_json:
        print_json(tried.model_dump(mode="json"))
    elif tried.reachable:
        dimensions = f", with {tried.dimensions} dimensions" if tried.dimensions else ""
        click.echo(f"it answers after {tried.latency_ms:.0f} ms{dimensions}")
    else:
        click.echo(printable(tried.detail), err=True)
    if not tried.reachable:
        sys.exit(1)


@models.command("rotate-keys")
@talks_to_lectern
def rotate_keys(*, server: str | None, token: str | None) -> None:
    """Seal stored keys with the first secret of LECTERN_SECRETS_KEY."""
    with session(server, token) as here:
        click.echo(f"{here.lectern.models.renew_keys()} keys sealed anew")


def _named(lectern: "Lectern", name: str) -> "ModelEntryReply":
    for each in lectern.models.list():
        if name in {each.model_id, each.name}:
            return each
    raise click.ClickException(f"there is no model {name!r}; see `lectern models list`")


def read_key() -> str:
    """Return a key as it is typed, or the first line of stdin."""
    if sys.stdin.isatty():
        return str(click.prompt("Key", hide_input=True, err=True))
    return sys.stdin.readline().strip()
