"""Chosen rows as text: small, exact, and never larger in memory than a map can be."""

import base64
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latentscope.files.row_text import MOST_ROWS, rows_from, text_of


def test_stretches_are_written_as_such() -> None:
    rows = np.array([0, 1, 2, 7, 9, 10], np.intp)
    assert text_of(rows) == "0-2,7,9-10"
    assert np.array_equal(rows_from("0-2,7,9-10"), rows)
    assert text_of(rows[:0]) == ""
    assert len(rows_from("")) == 0


@pytest.mark.parametrize("share", [0.001, 0.5, 0.999])
def test_a_million_points_chosen_at_random_are_a_small_text(share: float) -> None:
    rows = np.flatnonzero(np.random.default_rng(0).random(1_000_000) < share)
    text = text_of(rows)
    assert len(text) < 200_000
    assert np.array_equal(rows_from(text), rows)


@given(st.sets(st.integers(0, 5000), max_size=1500))
def test_any_rows_come_back(rows: set[int]) -> None:
    index = np.array(sorted(rows), np.intp)
    assert np.array_equal(rows_from(text_of(index)), index)


def bits(content: bytes) -> str:
    return "bits:" + base64.b64encode(content).decode()


@pytest.mark.parametrize(
    "text",
    ["1,1", "5-2", "3,2", "a", "1-", "-1", "1,,2", "²", f"0-{MOST_ROWS}", "1e3", "bits:%%%", bits(b"not zlib"),
     bits(zlib.compress(bytes(100))[:-6]), bits(zlib.compress(bytes(100)) + b"more")],
)  # fmt: skip
def test_what_is_no_list_of_rows_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"rows|damaged|longer"):
        rows_from(text)


def test_what_unpacks_to_more_than_a_map_has_is_refused_before_it_does() -> None:
    bomb = zlib.compress(bytes(MOST_ROWS // 8 + 1), 9)
    with pytest.raises(ValueError, match="longer than any map"):
        rows_from(bits(bomb))
