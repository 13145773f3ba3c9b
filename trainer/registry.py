"""Tables of named choices: each entry is one name, the words a person sees, and the module that implements it.

The tables themselves import nothing heavy, so a form or a ``--help`` can list every choice before torch is loaded.
"""

from dataclasses import dataclass, field
from importlib import import_module
from types import ModuleType
from typing import Any

from trainer.errors import ConfigError

__all__ = ["Choice", "Table"]


@dataclass(frozen=True)
class Choice:
    """One named choice. ``module`` is imported only when the choice is used.

    ``traits`` are words that others may want to know without importing it; the table that uses them explains them.
    ``prefers`` holds the settings that it goes best with, for where nobody has asked for others.
    """

    name: str
    title: str
    help: str
    module: str
    traits: tuple[str, ...] = ()
    prefers: dict[str, Any] = field(default_factory=dict)

    def load(self) -> ModuleType:
        return import_module(self.module)


class Table:
    """An ordered table of choices; ``kind`` is the word for one of them in messages, such as "family"."""

    def __init__(self, kind: str, *choices: Choice) -> None:
        self.kind = kind
        self.choices = {choice.name: choice for choice in choices}

    def names(self) -> list[str]:
        return list(self.choices)

    def __contains__(self, name: object) -> bool:
        return name in self.choices

    def __getitem__(self, name: str) -> Choice:
        """Raises ConfigError, naming what there is, for a name that is not in the table."""
        try:
            return self.choices[name]
        except KeyError:
            names = ", ".join(self.choices)
            raise ConfigError(f"There is no {self.kind} '{name[:80]}'; choose one of {names}.") from None
