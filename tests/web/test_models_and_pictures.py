import pytest

from lectern.client.pages import Picture
from lectern.errors import Forbidden, NotFound
from tests.web.conftest import World
from web.pictures import PictureCache


def test_models_are_listed_and_tried_for_administrators(world: World) -> None:
    models = world.lectern("admin").models

    listed = models.configured()
    tried = models.test("embedder")

    assert [(model.role, model.endpoint) for model in listed] == [("embedder", "")]
    assert (tried.reachable, tried.dimensions, tried.detail) == (True, 384, "")
    assert tried.latency_ms > 0


def test_a_model_that_is_not_configured_cannot_be_tried(world: World) -> None:
    with pytest.raises(NotFound, match="LECTERN_CHAT_URL"):
        world.lectern("admin").models.test("chat")


def test_nobody_else_learns_which_models_are_in_use(world: World) -> None:
    with pytest.raises(Forbidden):
        world.lectern("reader").models.configured()
    with pytest.raises(Forbidden):
        world.lectern("reader").models.test("embedder")


def test_the_pictures_used_last_are_kept_within_the_bound() -> None:
    cache = PictureCache(max_bytes=10)
    first, second, third = (Picture(b"1234", str(n)) for n in range(3))
    cache.keep(("a", 1, 100), first)
    cache.keep(("b", 1, 100), second)
    cache.get(("a", 1, 100))

    cache.keep(("c", 1, 100), third)

    assert cache.get(("a", 1, 100)) is first
    assert cache.get(("b", 1, 100)) is None
    assert cache.get(("c", 1, 100)) is third


def test_a_picture_larger_than_the_bound_is_not_kept() -> None:
    cache = PictureCache(max_bytes=3)

    cache.keep(("a", 1, 100), Picture(b"1234", "x"))

    assert cache.get(("a", 1, 100)) is None
