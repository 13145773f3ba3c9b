import subprocess
import sys

import pytest

from trainer.data import SOURCES
from trainer.errors import ConfigError
from trainer.models import FAMILIES, LIKELIHOODS, NETWORKS, QUANTIZERS
from trainer.registry import Choice, Table

TABLE = Table("fruit", Choice("apple", "Apple", "Red.", "json"), Choice("pear", "Pear", "Green.", "no_such_module"))


def test_a_choice_is_found_by_name_and_loaded_when_it_is_used() -> None:
    assert TABLE.names() == ["apple", "pear"]
    assert "apple" in TABLE
    assert "fig" not in TABLE
    assert TABLE["apple"].load().dumps([1]) == "[1]"
    with pytest.raises(ModuleNotFoundError):
        TABLE["pear"].load()


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(ConfigError, match=r"^There is no fruit 'fig'; choose one of apple, pear\.$"):
        TABLE["fig"]


@pytest.mark.parametrize("table", [SOURCES, FAMILIES, NETWORKS, LIKELIHOODS, QUANTIZERS])
def test_everything_that_is_offered_is_there(table: Table) -> None:
    for choice in table.choices.values():
        assert choice.load().__doc__
        assert choice.help.endswith(".")


def test_the_tables_import_nothing_heavy() -> None:
    code = "import sys, trainer.config, trainer.run, trainer.files; print('torch' in sys.modules, 'PIL' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["False", "False"]
