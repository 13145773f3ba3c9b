import json
import math
from typing import Any, get_args

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.events import (
    Epoch,
    Event,
    Failed,
    Finished,
    Paused,
    Resumed,
    Snapshot,
    Started,
    Step,
    Stopped,
    from_json,
    history,
    this_process,
    to_json,
)

numbers = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(exclude_categories=["Cs"]))
counts = st.integers(0, 10**12)
REGISTERED: dict[type, st.SearchStrategy[Any]] = {float: numbers, str: texts, int: counts}


def events() -> st.SearchStrategy[Any]:
    def fields(cls: type) -> st.SearchStrategy[Any]:
        special = {"figures": st.dictionaries(texts, numbers)} if cls is Finished else {}
        optional = {
            name: st.none() | numbers
            for name in ("kl", "negative_elbo", "seconds_left")
            if name in cls.__dataclass_fields__  # type: ignore[attr-defined]
        }
        rest = {
            name: st.booleans() if field.type is bool else REGISTERED[field.type]
            for name, field in cls.__dataclass_fields__.items()  # type: ignore[attr-defined]
            if name not in special and name not in optional
        }
        return st.builds(cls, **rest, **optional, **special)

    return st.one_of(*(fields(cls) for cls in get_args(Event)))


def step(number: int) -> Step:
    return Step(number, 0.5, 1.0, 100.0, 3.0, 103.0, 1e-3, 20_000.0, 0.25, 3.0)


def snapshot(number: int) -> Snapshot:
    return Snapshot(number, 1.0, f"snapshots/{number}.safetensors", 100.0, 3.0, 103.0)


def started(number: int, continued: bool) -> Started:
    return Started(1.8e9, 1, 1.8e9, "here", "cpu", "float32", 60_000, 10_000, number, continued)


@given(events())
def test_an_event_survives_its_line(event: Event) -> None:
    line = to_json(event)
    assert "\n" not in line
    assert from_json(line) == event
    assert from_json(line.encode()) == event


def test_the_line_is_what_the_format_says() -> None:
    assert json.loads(to_json(Epoch(235, 1, 1.5))) == {"event": "epoch", "step": 235, "epoch": 1, "seconds": 1.5}
    assert json.loads(to_json(Finished(5, 2.0, "model.safetensors", {"kl": 3.5})))["figures"] == {"kl": 3.5}


@given(events(), st.data())
def test_a_part_of_a_line_is_no_event(event: Event, data: st.DataObject) -> None:
    line = to_json(event)
    assert from_json(line[: data.draw(st.integers(0, len(line) - 1))]) is None


@given(st.binary() | st.text().map(str.encode))
def test_garbage_is_no_event(line: bytes) -> None:
    assert from_json(line) is None


@pytest.mark.parametrize(
    "change",
    [
        {"event": "unheard-of"},
        {"event": 3},
        {"event": ["step"]},
        {"step": "1"},
        {"step": 1.5},
        {"step": True},
        {"step": None},
        {"seconds": "1"},
        {"seconds": math.nan},
        {"seconds": 10**400},
        {"loss": None},
        {"kl": [1]},
    ],
)
def test_a_damaged_field_is_no_event(change: dict[str, Any]) -> None:
    assert from_json(json.dumps(json.loads(to_json(step(1))) | change)) is None


def test_deep_nesting_and_other_json_are_no_events() -> None:
    assert from_json("[" * 200_000) is None
    assert from_json('["event", "step"]') is None
    assert from_json('{"event": "paused", "step": 3}') is None


def test_newer_fields_are_passed_over_and_older_lines_get_defaults() -> None:
    assert from_json('{"event": "paused", "step": 3, "seconds": 1, "mood": "good"}') == Paused(3, 1)
    content = json.loads(to_json(started(0, False)))
    del content["continued"], content["step"]
    assert from_json(json.dumps(content)) == started(0, False)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_numbers_that_are_not_finite_are_not_written(value: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_json(Stopped(1, value))


def test_history_leaves_out_what_was_done_again() -> None:
    before: list[Event] = [
        started(0, False),
        step(10),
        snapshot(10),
        Epoch(12, 1, 2.0),
        step(20),
        snapshot(20),
        Paused(20, 2.0),
    ]
    again: list[Event] = [started(12, True), step(15), snapshot(18)]
    kept: list[Event] = [before[0], step(10), snapshot(10), Epoch(12, 1, 2.0), Paused(20, 2.0)]
    assert history(before) == before
    assert history(before + again) == kept + again
    last: list[Event] = [started(15, True), Resumed(16, 2.0), Failed(17, 2.0, "No.")]
    assert history(before + again + last) == [*kept, again[0], step(15), *last]
    assert history([*before, started(0, False)]) == [before[0], Paused(20, 2.0), started(0, False)]


def test_this_process_is_the_one_that_runs() -> None:
    pid, created, host = this_process()
    assert psutil.Process(pid).create_time() == created
    assert host
