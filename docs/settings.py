"""Writes settings.md, the reference of every setting, from the code and the chart.

`python docs/settings.py` writes; with `--check` it only says whether anything differs.
"""
# ruff: noqa: INP001 -- a script, beside what it writes, in no package

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import SecretStr
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lectern.settings import Settings  # noqa: E402 -- found by the line above
from web.configuration import WebSettings  # noqa: E402

LOCAL_ONLY = "local only"
BY_CHART = "set by the chart"
ELSEWHERE = {  # field -> value of the chart that is not below `settings`, or one of the above
    "home": BY_CHART,
    "store": "objectStore.url",
    "s3_endpoint": "objectStore.endpoint",
    "s3_region": "objectStore.region",
    "s3_access_key": "objectStore.existingSecret",
    "s3_secret_key": "objectStore.existingSecret",
    "database_url": "database.existingSecret",
    "ca_file": "trust.caSecret",
    "broker_url": "broker.address",
    "function_url": BY_CHART,
    "public_url": LOCAL_ONLY,
    "signing_key": "secrets.keys.signingKey",
    "secrets_key": "secrets.keys.secretsKey",
    "intake_token": "secrets.keys.intakeToken",
    "oidc_client_secret": "secrets.keys.oidcClientSecret",
    "otlp_endpoint": "tracing.endpoint",
    "embedding_key": "secrets.keys.embeddingKey",
    "chat_key": "secrets.keys.chatKey",
    "rerank_key": "secrets.keys.rerankKey",
    "docling_key": "secrets.keys.doclingKey",
    "azure_document_key": "secrets.keys.azureDocumentKey",
    "tool_servers": "secrets.keys.toolServers",
    "host": LOCAL_ONLY,
    "port": LOCAL_ONLY,
    "web": LOCAL_ONLY,
    "web_port": BY_CHART,
    "allow_remote": LOCAL_ONLY,
    "inbox": LOCAL_ONLY,
    "worker_idle_s": LOCAL_ONLY,
    "copy_s3_endpoint": "backup.copy.endpoint",
    "copy_s3_region": "backup.copy.region",
    "copy_s3_access_key": "backup.copy.existingSecret",
    "copy_s3_secret_key": "backup.copy.existingSecret",
    "web_host": BY_CHART,
    "web_metrics_port": "web.metricsPort",
    "web_secret": "secrets.keys.webSecret",
    "web_owner_token_file": LOCAL_ONLY,
}
INTRODUCTION = """# Settings

Written by `python docs/settings.py`; a test compares it with the code and with the chart.

Every setting is an environment variable. On one machine set it before `lectern up`;
`lectern config` shows what holds and where it comes from. On a cluster set the chart's value: it
reaches functions, jobs and the web UI alike.

- *secret*: never a value; the chart's value names the Secret, or the key in it.
- *set by the chart*: nothing to do. *local only*: it means nothing on a cluster.
- Sizes are bytes, times seconds. A default in brackets is the chart's, where it is another one.
"""


def reference() -> str:
    """Return the whole text of settings.md."""
    values = yaml.safe_load((ROOT / "chart" / "values.yaml").read_text(encoding="utf-8"))
    shared = {
        name
        for name, field in WebSettings.model_fields.items()
        if (own := Settings.model_fields.get(name)) and own.description == field.description
    }
    web = {name: field for name, field in WebSettings.model_fields.items() if name not in shared}
    variables = ", ".join(variable_of(name, Settings.model_fields[name]) for name in sorted(shared))
    return "\n".join(
        (
            INTRODUCTION,
            "## Functions, jobs, command line\n",
            *_table(Settings.model_fields, values),
            "\n## Web UI\n",
            f"It also reads {variables} from above.\n",
            *_table(web, values),
            "",
        )
    )


def place_of(name: str, values: Mapping[str, Any]) -> str:
    """Return the path of the chart's value of a field, or why there is none.

    Raises:
        SystemExit: Nobody has said where it comes from.
    """
    if name in ELSEWHERE:
        return ELSEWHERE[name]
    if to_camel(name) in values["settings"]:
        return f"settings.{to_camel(name)}"
    sys.exit(f"the setting {name!r} is no value of the chart; add it there, or to ELSEWHERE")


def variable_of(name: str, field: FieldInfo) -> str:
    """Return the environment variable of a field; the last of several."""
    choices = getattr(field.validation_alias, "choices", [f"LECTERN_{name.upper()}"])
    return ", ".join(f"`{choice}`" for choice in choices)


def _table(fields: Mapping[str, FieldInfo], values: Mapping[str, Any]) -> Iterator[str]:
    yield "| Variable | Default | Chart | Meaning |"
    yield "|---|---|---|---|"
    for name, field in fields.items():
        place = place_of(name, values)
        secret = field.annotation is SecretStr or name.endswith("_access_key")
        chart = place if place in {LOCAL_ONLY, BY_CHART} else f"`{place}`"
        cells = (
            variable_of(name, field),
            _shown_default(name, field, values),
            f"{chart}, secret" if secret else chart,
            (field.description or "").replace("|", "\\|"),
        )
        yield f"| {' | '.join(cells)} |"


def _shown_default(name: str, field: FieldInfo, values: Mapping[str, Any]) -> str:
    default = field.get_default()
    own = "" if isinstance(default, SecretStr) else _literal(default)
    charts = values["settings"].get(to_camel(name), default)
    return own if charts == default else f"{own} ({_literal(charts)})"


def _literal(value: Any) -> str:
    if value is None or value == "":
        return ""
    return f"`{value if isinstance(value, str | Path) else json.dumps(value)}`"


def main(arguments: list[str]) -> int:
    """Write settings.md, or compare it when asked to; return the exit code."""
    path, expected = Path(__file__).with_suffix(".md"), reference()
    if "--check" in arguments:
        return int(not path.exists() or path.read_text(encoding="utf-8") != expected)
    path.write_text(expected, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
