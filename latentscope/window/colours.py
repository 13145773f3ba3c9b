"""The part of the window that colours the points: the fields, the choice of one, its menu, and what the card says."""

from functools import partial
from typing import TYPE_CHECKING

from latentscope.analysis.colouring import Colouring, number_text
from latentscope.analysis.point_fields import PointFields
from latentscope.background import Background
from latentscope.panels.layers.colour_by import BY_CLASS, ColourByPanel, change_colour_by, title_of
from latentscope.theme import Theme
from latentscope.window.commands import Command, Separator
from latentscope.window.factors import Factors
from trainer.analysis.factors import FACTORS
from trainer.analysis.fields import FIELDS, field_named

if TYPE_CHECKING:
    from latentscope.main_window import MainWindow

__all__ = ["Colours"]


class Colours:
    """Made by the window when its map and its Layers dock are there; ``connect`` when its menus are."""

    def __init__(self, window: "MainWindow") -> None:
        self._window = window
        self._thread = Background("fields", window)
        self.fields = PointFields(window.workspace, window.decoding, window.originals, self._thread, window)
        self.panel = ColourByPanel(window.workspace, self.fields, window.theme)
        window.layers_panel.add_above(self.panel)
        window.map.contents.colouring = self.colouring
        self.panel.data_wanted.connect(lambda: window.fetching.begin())
        window.workspace.layers_changed.connect(self._want)
        self.fields.changed.connect(self._show)
        window.originals.changed.connect(self._offer_data)
        self.factors = Factors(window, self.fields, self._thread)
        self.factors.wanted_changed.connect(self._want)
        window.closed.connect(self.close)

    def commands(self) -> list[Command | Separator]:
        """A choice each, in View > Colour By."""
        tips = {field.name: field.explanation for field in FIELDS} | {BY_CLASS: "The colours of the Classes dock"}
        return [
            Command(
                f"colour-{name}", "View/Colour By", title_of(name), partial(self._choose, name), tip=tip, group="colour"
            )
            for name, tip in ({BY_CLASS: tips[BY_CLASS]} | tips).items()
        ]

    def connect(self) -> None:
        """Keep the entries up to date, once they are there."""
        window = self._window
        for signal in (window.workspace.layers_changed, window.workspace.model_changed, self.fields.changed):
            signal.connect(self._check)
        self._check()
        self.factors.connect_dock()

    def colouring(self) -> Colouring | None:
        """The numbers that the points are coloured by; None for classes, and while there are none."""
        name = self._window.workspace.layers.colour_by
        return None if name == BY_CLASS or self.fields.problem(name) else self.fields.get(name)

    def value_text(self, index: int) -> str:
        """What the card of a point says of its colour: "KL 8.31 nats"; empty where the colour is the class."""
        name = self._window.workspace.layers.colour_by
        field, colouring = field_named(name), self.colouring()
        if field is None or colouring is None or not 0 <= index < len(colouring):
            return ""
        number = number_text(colouring.at(index))
        return f"{field.title} {number}{'' if field.unit in ('', '°') else ' '}{field.unit if number != 'none' else ''}"

    def set_theme(self, theme: Theme) -> None:
        self.panel.set_theme(theme)

    def is_settled(self) -> bool:
        return not self._thread.busy()

    def close(self) -> None:
        self.factors.wanted_changed.disconnect(self._want)  # a dock that floats is hidden when much is gone
        self.fields.stop()
        self._thread.close()

    def _choose(self, name: str, _checked: bool = True) -> None:
        change_colour_by(self._window.workspace, name)

    def _want(self) -> None:
        names = {self._window.workspace.layers.colour_by}
        self.fields.want(frozenset(names | {FACTORS[0].name} if self.factors.wanted else names))
        self._show()

    def _offer_data(self) -> None:
        for panel in (self.panel, self.factors.panel):
            panel.offer_data(self._window.fetching.offer())

    def _show(self) -> None:
        self._window.map.follow_look()

    def _check(self) -> None:
        window = self._window
        chosen = window.workspace.layers.colour_by
        for name in (BY_CLASS, *(field.name for field in FIELDS)):
            action = window.action(f"colour-{name}")
            action.setChecked(name == chosen)
            problem = self.fields.problem(name) if name != BY_CLASS else ""
            action.setEnabled(not problem)
            field = field_named(name)
            action.setToolTip(
                problem or (field.explanation if field is not None else "The colours of the Classes dock")
            )
