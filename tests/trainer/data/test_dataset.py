import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trainer.data.dataset import hold_out


@given(st.lists(st.integers(0, 6), min_size=2, max_size=300), st.data())
def test_every_class_gives_its_share(labels: list[int], data: st.DataObject) -> None:
    array = np.array(labels, dtype=np.int64)
    held = data.draw(st.integers(1, len(labels) - 1))
    mask = hold_out(len(labels), held, array)
    assert mask.sum() == held
    for label in range(7):
        share = held * (array == label).mean()
        assert abs(mask[array == label].sum() - share) < 1 + 1e-9


def test_the_same_seed_gives_the_same_images_and_another_seed_others() -> None:
    assert np.array_equal(hold_out(100, 10, seed=3), hold_out(100, 10, seed=3))
    assert not np.array_equal(hold_out(100, 10, seed=3), hold_out(100, 10, seed=4))
    # The stream is frozen: a newer NumPy must not move images between the splits of a model that was trained before.
    assert np.flatnonzero(hold_out(20, 4, np.arange(20) % 2)).tolist() == [10, 11, 16, 17]
