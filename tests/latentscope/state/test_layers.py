"""Which layers are shown and how, and what of it is there again after the next start."""

import json
import math
from typing import Any

import pytest

from latentscope.state.layers import LAYERS, LEAST_DEPTH, Layers

CHANGED = Layers(
    shown=frozenset({"points", "trust"}), atlas_opacity=0.7, arrows=frozenset({"slant"}), depth=0.13, ellipses="hovered"
)


def test_how_the_map_is_drawn_is_there_again() -> None:
    assert Layers.from_json(CHANGED.to_json()) == CHANGED


def test_what_colours_the_points_is_asked_anew() -> None:
    assert Layers.from_json(Layers(colour_by="slant").to_json()).colour_by == "class"


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", '{"layers": 3}', '{"layers": {}, "atlas_opacity": "x"}'])
def test_a_text_of_something_else_is_the_usual(text: str) -> None:
    assert Layers.from_json(text) == Layers()


def test_an_older_text_lacks_what_it_did_not_know() -> None:
    text = json.dumps({"layers": {"points": False}, "atlas_opacity": 0.5})
    layers = Layers.from_json(text)
    shown = {layer.name for layer in LAYERS if layer.shown} - {"points"}
    assert layers == Layers(frozenset(shown), 0.5)


@pytest.mark.parametrize(
    ("setting", "value", "read"),
    [
        ("depth", 0.0, LEAST_DEPTH),
        ("depth", 7, 1.0),
        ("depth", math.nan, LEAST_DEPTH),
        ("atlas_opacity", -1, 0.05),
        ("ellipses", "everybody's", "all"),
        ("arrows", ["slant", "colour"], frozenset({"slant"})),
    ],
)
def test_what_is_out_of_bounds_is_put_within(setting: str, value: Any, read: Any) -> None:
    text = json.dumps(json.loads(CHANGED.to_json()) | {setting: value})
    assert getattr(Layers.from_json(text), setting) == read
