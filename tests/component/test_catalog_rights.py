"""Who may do what: every route of the catalog function against every kind of caller."""

from collections.abc import Iterator

import pytest

from tests.component.catalog_world import ROLES, ROUTES, Shelf, World, running_world

COLLECTION = "/v1/collections/<collection>"
DOCUMENT = "/v1/documents/<document_id>"

EVERYBODY = dict.fromkeys(ROLES, 200)
READERS = {"owner": 200, "editor": 200, "viewer": 200, "stranger": 404}
OWNER = {"viewer": 403, "editor": 403, "stranger": 404}


def writers(status: int) -> dict[str, int]:
    return {"owner": status, "editor": status, "viewer": 403, "stranger": 404}


EXPECTED: dict[str, dict[str, int]] = {
    "GET /v1/me": EVERYBODY,
    "GET /v1/api-keys": EVERYBODY,
    "POST /v1/api-keys": dict.fromkeys(ROLES, 201),
    "DELETE /v1/api-keys/<key_id>": dict.fromkeys(ROLES, 204),
    "GET /v1/collections": EVERYBODY,
    "POST /v1/collections": dict.fromkeys(ROLES, 201),
    f"GET {COLLECTION}": READERS,
    f"DELETE {COLLECTION}": OWNER | {"owner": 204},
    f"POST {COLLECTION}/reembed": OWNER | {"owner": 202},
    f"GET {COLLECTION}/documents": READERS,
    f"POST {COLLECTION}/documents": writers(201),
    f"GET {DOCUMENT}": READERS,
    f"PATCH {DOCUMENT}": writers(200),
    f"DELETE {DOCUMENT}": writers(202),
    f"POST {DOCUMENT}/reprocess": writers(202),
    f"POST {DOCUMENT}/revisions/<int:revision>/uploaded": writers(200),
    f"GET {DOCUMENT}/content": READERS,
    f"GET {DOCUMENT}/chunks": READERS,
    f"GET {DOCUMENT}/subjects": READERS,
    f"GET {DOCUMENT}/figures/<name>": READERS,
    f"GET {DOCUMENT}/pages/<int:page_number>.png": READERS,
}
BY_SIGNATURE = {"GET /v1/objects/<path:key>", "PUT /v1/objects/<path:key>"}
PUBLIC = {"GET /openapi.json"}
BODIES = {
    "POST /v1/api-keys": {"label": "new"},
    f"POST {COLLECTION}/documents": {"name": "new.txt"},
    f"PATCH {DOCUMENT}": {"tags": ["new"]},
}
PROTECTED = [route for route in ROUTES if route not in BY_SIGNATURE | PUBLIC]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_world(tmp_path_factory.mktemp("home")) as world:
        yield world


@pytest.fixture
def shelf(world: World) -> Shelf:
    return world.shelf()


def test_every_route_has_an_expectation() -> None:
    assert set(ROUTES) == set(EXPECTED) | BY_SIGNATURE | PUBLIC


@pytest.mark.parametrize("who", ROLES)
@pytest.mark.parametrize("route", PROTECTED)
def test_rights(world: World, shelf: Shelf, route: str, who: str) -> None:
    method, path = filled(world, shelf, route)

    response = world.call(method, path, who, **body_of(route, who))

    assert response.status_code == EXPECTED[route][who], response.text


@pytest.mark.parametrize("route", PROTECTED)
@pytest.mark.parametrize("who", ["anonymous", "impostor"])
def test_nobody_gets_in_without_a_known_token(
    world: World, shelf: Shelf, route: str, who: str
) -> None:
    method, path = filled(world, shelf, route)
    headers = {"Authorization": "Bearer lct_wrong"} if who == "impostor" else {}

    response = world.call(method, path, who, headers=headers, **body_of(route, who))

    assert response.status_code == 401


@pytest.mark.parametrize(
    "route", [route for route in PROTECTED if "<collection>" in route or "<document_id>" in route]
)
def test_what_is_not_there_looks_like_what_is_not_yours(world: World, route: str) -> None:
    method, rule = route.split(" ")
    path = rule.replace("<collection>", "gone").replace("<document_id>", "gone")
    path = path.replace("<int:revision>", "1").replace("<int:page_number>", "1")

    response = world.call(method, path.replace("<name>", "a.png"), **body_of(route, "owner"))

    assert response.status_code == 404


@pytest.mark.parametrize("route", sorted(BY_SIGNATURE))
def test_a_link_without_its_signature_opens_nothing(world: World, route: str) -> None:
    method, path = route.split(" ")

    response = world.call(method, path.replace("<path:key>", "uploads/c/d/1/a.txt"))

    assert response.status_code == 403


def filled(world: World, shelf: Shelf, route: str) -> tuple[str, str]:
    """Return method and path of the route about a document of the shelf that has everything."""
    method, path = route.split(" ")
    if method == "DELETE" and path == COLLECTION:
        return method, shelf.path
    document_id, name = "none", "figure.png"
    if "<document_id>" in path:
        uploaded = shelf.upload(b"%PDF-1.4", "a.pdf")
        document_id = uploaded["document_id"]
        prefix = f"figures/{shelf.collection.collection_id}/{document_id}/1"
        world.needs.store.write(f"{prefix}/{name}", b"png")
        world.needs.store.write(f"{prefix}/pages/00001-1000.png", b"png")
    for variable, value in {
        "<collection>": shelf.collection.collection_id,
        "<document_id>": document_id,
        "<key_id>": "none",
        "<int:revision>": "1",
        "<int:page_number>": "1",
        "<name>": name,
    }.items():
        path = path.replace(variable, value)
    return method, path


def body_of(route: str, who: str) -> dict[str, object]:
    if route == "POST /v1/collections":
        return {"json": {"name": f"of {who}"}}
    return {"json": BODIES[route]} if route in BODIES else {}
