"""What may be asked of a conditional model, and in which words."""

import numpy as np
import pytest

from trainer.conditions import (
    check_labels,
    class_weights,
    classes_of,
    condition_text,
    mixed,
    parse_condition,
    pure,
)
from trainer.config import make_config
from trainer.errors import ConfigError

CLOTHES = ("T-shirt/top", "Trouser", "7", "a:b,c")


@pytest.mark.parametrize(
    ("text", "weights"),
    [
        ("Trouser", [0, 1, 0, 0]),
        (" trouser ", [0, 1, 0, 0]),
        ("0", [1, 0, 0, 0]),
        ("7", [0, 0, 1, 0]),  # a name comes before a number
        ("a:b,c", [0, 0, 0, 1]),
        ("Trouser:1,0:3", [0.75, 0.25, 0, 0]),
        ("a:b,c", [0, 0, 0, 1]),
        ("Trouser:2", [0, 1, 0, 0]),
        ("0:1,0:1", [1, 0, 0, 0]),
    ],
)
def test_names_numbers_and_mixtures(text: str, weights: list[float]) -> None:
    assert parse_condition(text, CLOTHES).tolist() == weights


@pytest.mark.parametrize("text", ["4", "-1", "", "Socks", "99999999999999999999", "0,1", "Socks:1,0:1", "٣"])
def test_what_is_no_class_is_said_with_what_there_is(text: str) -> None:
    with pytest.raises(ConfigError, match=r"has no class '.*'; its classes are T-shirt/top, Trouser, 7, a:b,c\.$"):
        parse_condition(text, CLOTHES)


@pytest.mark.parametrize("text", ["0:0,1:0", "0:nan,1:1", "0:inf,1:1", "0:-1,1:2", "0:1e300,1:1e300"])
def test_a_mixture_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="must be finite, not below 0, and not all 0"):
        parse_condition(text, CLOTHES)


def test_a_weight_that_is_no_number_is_named() -> None:
    with pytest.raises(ConfigError, match="'x' is no weight"):
        parse_condition("0:x,1:1", CLOTHES)


def test_many_classes_are_not_all_listed() -> None:
    with pytest.raises(ConfigError, match=r"are 0, 1, 2, 3, 4, 5, 6, 7 and 992 more\."):
        parse_condition("1000", tuple(map(str, range(1000))))


def test_weights_are_made_to_sum_to_one() -> None:
    assert class_weights([[2, 2], [0, 5]], 2).tolist() == [[0.5, 0.5], [0, 1]]
    with pytest.raises(ConfigError, match=r"3 classes.*shape"):
        class_weights([1, 0], 3)
    with pytest.raises(ConfigError, match=r"3 classes.*shape"):
        class_weights(1.0, 3)


def test_a_condition_in_words() -> None:
    assert condition_text(pure(1, 4), CLOTHES) == "Trouser"
    assert condition_text(mixed(0, 1, 0.7, 4), CLOTHES) == "Trouser 70 % + T-shirt/top 30 %"


def test_only_a_conditional_family_has_classes() -> None:
    assert classes_of(make_config({"epochs": 1, "family": "conditional-vae"}), CLOTHES) == 4
    assert classes_of(make_config({"epochs": 1}), CLOTHES) == 0


def test_labels_of_another_data_set_are_refused() -> None:
    labels = np.array([0, 2])
    assert check_labels(labels, 3) is labels
    with pytest.raises(ConfigError, match="has no labels"):
        check_labels(None, 3)
    with pytest.raises(ConfigError, match="2 classes, and the data set has the label 2"):
        check_labels(labels, 2)
