"""What the Train menu offers for a lecture: comparisons that train their models side by side."""

from functools import partial
from typing import TYPE_CHECKING

from latentscope.runs.comparisons import COMPARISONS
from latentscope.window.commands import Command, Separator

if TYPE_CHECKING:
    from latentscope.main_window import MainWindow

__all__ = ["comparison_commands"]


def comparison_commands(window: "MainWindow") -> list[Command | Separator]:
    start = window.flow.train_side_by_side
    return [
        Command(
            f"compare-{name}", "Train/Side by Side", comparison.title, partial(start, comparison), "", comparison.help
        )
        for name, comparison in COMPARISONS.items()
    ]
