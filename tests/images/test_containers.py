"""The images: small, bare, and every function ready in them without root or a writable disk."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.images.containers import FUNCTIONS, Container, Engine
from tests.images.relay import Relay

MAX_FUNCTIONS_BYTES = 900_000_000
MAX_WEB_BYTES = 600_000_000
NEVER_AT_RUN_TIME = {
    # imported only by `python -m lectern.models.build`, which ran when the image was built
    "onnx",
    "onnx.numpy_helper",
    "onnxruntime.quantization",
}
INSIDE = "/tmp/lectern"  # noqa: S108 - LECTERN_HOME of the images
HANDBOOK = """# Observatory

A borrowed telescope must be returned within nineteen days.
"""

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    home = tmp_path_factory.mktemp("home")
    home.chmod(0o777)  # the containers' user is not ours
    engine = Engine.configured(home)
    if engine is None:
        pytest.skip("no images: .ci/images builds them and runs these tests")
    return engine


@pytest.fixture(scope="module")
def relay(engine: Engine) -> Iterator[Relay]:
    with Relay(engine.address) as relay:
        yield relay


@pytest.fixture(scope="module")
def token(engine: Engine) -> str:
    engine.job("lectern", "migrate")
    made = engine.job("lectern", "users", "create", "Ada", "--admin", "--json")
    token: str = json.loads(made)["token"]
    return token


@pytest.fixture(scope="module")
def cluster(engine: Engine, relay: Relay, token: str) -> Iterator[Mapping[str, Container]]:
    """All functions at once, on one folder."""
    del token  # the tables are there
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(engine.function(name, {"K_SINK": relay.url}))
            for name in FUNCTIONS
        }


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_ready_without_root_or_a_writable_disk(
    cluster: Mapping[str, Container], name: str
) -> None:
    container = cluster[name]

    status = container.execute("cat", "/proc/1/status")
    writable = container.execute("sh", "-c", "touch /app/x /opt/x /var/tmp/x 2>/dev/null; echo $?")

    assert "Uid:\t10001\t10001" in status
    assert "CapEff:\t0000000000000000" in status
    assert writable.strip() != "0"
    assert httpx.get(f"{container.url}/readyz", trust_env=False).json()["ready"]
    assert httpx.get(f"{container.url}/healthz", trust_env=False).status_code == 204


def test_a_document_becomes_an_answer_inside_the_containers(
    cluster: Mapping[str, Container], engine: Engine, token: str
) -> None:
    del cluster
    (engine.home / "handbook.md").write_text(HANDBOOK)
    server = f"--server=http://{{function}}:{engine.port}"

    report = json.loads(
        engine.job(
            "lectern", "ingest", f"{INSIDE}/handbook.md", "--collection=Story", "--wait", "--json",
            server, f"--token={token}",
        )
    )  # fmt: skip
    reply = json.loads(
        engine.job(
            "lectern", "ask", "When must a telescope be returned?", "--collection=story",
            "--json", server, f"--token={token}",
        )
    )  # fmt: skip

    assert [document["state"] for document in report["documents"]] == ["ready"]
    assert "nineteen days" in reply["citations"][0]["quote"]


def test_the_web_ui_serves_its_sign_in_page(
    cluster: Mapping[str, Container], engine: Engine
) -> None:
    del cluster  # the page asks the catalog how people sign in
    with engine.web({}) as web:
        page = httpx.get(f"{web.url}/login", trust_env=False, follow_redirects=True)
        user = web.execute("cat", "/proc/1/status")

    assert page.status_code == 200
    assert "Lectern" in page.text
    assert "Uid:\t10001\t10001" in user


def test_ocr_has_its_languages(engine: Engine) -> None:
    found = engine.job("python", "-c", "from lectern.tessdata import installed; print(installed())")

    assert "('eng', 'kor')" in found


@pytest.mark.parametrize(("image", "starts"), [("functions", "functions lectern"), ("web", "web")])
def test_an_image_holds_every_module_that_its_code_imports(
    engine: Engine, image: str, starts: str
) -> None:
    script = Path(__file__).with_name("imports.py").read_text()

    found = json.loads(engine.job("python", "-", *starts.split(), image=image, given=script))

    assert found["modules"] > 20
    assert set(found["missing"]) - NEVER_AT_RUN_TIME == set(), found["missing"]


@pytest.mark.parametrize("image", ["functions", "web"])
def test_an_image_is_bare(engine: Engine, image: str) -> None:
    tools = "for t in pip pip3 gcc cc make git curl; do command -v $t; done; true"
    find = "import importlib.util as u; print([m for m in {} if u.find_spec(m)])"
    installers = ["pip", "setuptools", "ensurepip", "wheel"]

    programs = engine.job("sh", "-c", tools, image=image)
    modules = engine.job("python", "-c", find.format(installers), image=image).strip()
    stale = engine.job(
        "sh", "-c", "for d in /app /opt/lectern/lib; do find $d -name '*.py' | while read f; do "
        "c=${f%/*}/__pycache__; [ -d $c ] || echo $f; done; done | head", image=image,
    )  # fmt: skip

    assert (programs, modules, stale) == ("", "[]", "")


@pytest.mark.parametrize(
    ("image", "most"), [("functions", MAX_FUNCTIONS_BYTES), ("web", MAX_WEB_BYTES)]
)
def test_an_image_stays_small(engine: Engine, image: str, most: int) -> None:
    assert engine.size_bytes(image) < most
