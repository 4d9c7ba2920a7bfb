"""What a browser would send for our own components, for pages under AppTest."""

import json
from typing import Any

from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest


def component(at: AppTest, key: str) -> Any:
    """Return the protocol message of the component that has this key."""
    for each in at.get("bidi_component"):
        if f"-{key}" in each.proto.id:
            return each.proto
    known = [each.proto.id for each in at.get("bidi_component")]
    raise AssertionError(f"there is no component {key!r} among {known}")


def data_of(at: AppTest, key: str) -> Any:
    """Return what a component was given to show."""
    return json.loads(component(at, key).json)


def fire(at: AppTest, key: str, event: str, value: Any) -> AppTest:
    """Send a trigger of a component, and return the page as it is then."""
    states = at._tree.get_widget_states()
    states.widgets.append(
        WidgetState(
            id=f"$$STREAMLIT_INTERNAL_KEY_{component(at, key).id}__events",
            json_trigger_value=json.dumps([{"event": event, "value": value}]),
        )
    )
    return at._run(states)
