import subprocess
import sys

import numpy as np

from trainer.data import load_dataset


def test_digits_are_whole_scaled_and_split_by_class() -> None:
    digits = load_dataset("digits")
    assert digits.train_images.shape == (1437, 8, 8, 1)
    assert digits.test_images.shape == (360, 8, 8, 1)
    assert digits.train_images.dtype == digits.test_images.dtype == np.uint8
    assert digits.train_images.flags.c_contiguous and digits.test_images.flags.c_contiguous
    assert digits.image_shape == (8, 8, 1)
    assert (digits.train_images.min(), digits.train_images.max()) == (0, 255)
    assert digits.class_names == tuple("0123456789")
    assert digits.train_labels is not None and digits.test_labels is not None
    assert digits.train_labels.dtype == digits.test_labels.dtype == np.int64
    in_test = np.bincount(digits.test_labels, minlength=10)
    in_all = in_test + np.bincount(digits.train_labels, minlength=10)
    assert np.abs(in_test - in_all * 360 / 1797).max() <= 1


def test_the_split_is_always_the_same_and_loses_nothing() -> None:
    first, again = load_dataset("digits"), load_dataset("digits")
    assert np.array_equal(first.test_images, again.test_images)
    together = np.concatenate([first.train_images, first.test_images]).reshape(1797, 64)
    from sklearn.datasets import load_digits

    published = np.rint(load_digits().data * 255 / 16).astype(np.uint8)
    assert sorted(map(bytes, together)) == sorted(map(bytes, published))


def test_scikit_learn_is_not_imported_before_it_is_wanted() -> None:
    code = (
        "import sys, trainer.data as d; assert d.is_at_hand('digits'); "
        "print([m for m in ('sklearn', 'pooch', 'torch') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"
