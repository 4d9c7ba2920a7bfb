"""The Models page, on a real catalog and a scripted provider."""

from collections.abc import Callable, Iterator

import pytest
from streamlit.testing.v1 import AppTest

from tests.provider.chat import ScriptedChat, refusal
from tests.web.conftest import World

Page = Callable[[World, str], AppTest]
