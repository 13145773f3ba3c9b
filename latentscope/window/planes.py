"""Which plane of the latent space the map shows: the entries of View/Plane, and the notice on the map about it."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu

from latentscope.analysis.dimensions import Dimension, dimensions_of
from latentscope.map.embedding import MEANT
from latentscope.map.overlays.probe import OFF_PLANE
from latentscope.panels.layers.depth_legend import DepthLegend
from latentscope.state.planes import PlaneChoice
from latentscope.theme import Theme
from latentscope.window.commands import Command, Separator
from latentscope.window.map_notice import MapNotice
from latentscope.window.plane_picking import PlanePicking
from latentscope.window.views import NOT_IN_A_VIEW, TIPS, Views
from trainer.analysis.embedding import METHODS
from trainer.geometry import axis_name

if TYPE_CHECKING:
    from latentscope.main_window import MainWindow

__all__ = ["Planes"]

MENU = "View/Plane"
MOST_IN_MENU = 24  # dimensions; the Dimensions panel has all of them
STEPS = ("Click the first of three points", "Click the second point", "Click the third point")
CODEBOOK = "A codebook's model decodes the image nearest on the plane of the main directions, so it has no other plane."
ONE_PLANE = "A latent space of up to two dimensions has only one plane."


class Planes:
    """The planes of one window's map."""

    def __init__(self, window: "MainWindow") -> None:
        self._window = window
        self.notice = MapNotice(window.theme, window.map)
        self.picking = PlanePicking(window.map, window)
        self.views = Views(window)
        self.legend = DepthLegend(window.workspace, lambda: window.map.depth_shown, window.theme)
        self.axis_menus: tuple[QMenu, QMenu]

    def all(self) -> list[Command | Separator]:
        codes = "The plane that holds most of the codes; it follows a training"
        first = "The plane of z₀ and z₁, with the others at zero"
        largest = "The plane of the two most informative dimensions, with the others at zero"
        points = "The plane through three points: click encoded points or the probe"
        bring = "Move the plane, parallel to itself, to go through the probe: no point changes its place on the map"
        return [
            Command("plane-codes", MENU, "Main Directions of the Codes", self._choose_codes, tip=codes, group="plane"),
            Command("plane-axes", MENU, "First Two Dimensions", self._choose_first, tip=first, group="plane"),
            Command("plane-kl", MENU, "Two Dimensions of Largest KL", self._choose_largest, tip=largest, group="plane"),
            Command("plane-points", MENU, "Through Three Points…", self._pick, tip=points, group="plane"),
            Separator(MENU),
            Command("plane-probe", MENU, "Bring the Plane to the Probe", self.bring, "Ctrl+B", bring),
            *self.views.all(),
        ]

    def connect(self) -> None:
        """Keep the entries and the notice up to date, once all is there."""
        window, workspace = self._window, self._window.workspace
        menu = window.menus[MENU]
        before = window.action("plane-points")
        across, up = QMenu("Horizontal Axis", menu), QMenu("Vertical Axis", menu)
        for which, axis_menu in enumerate((across, up)):
            axis_menu.setToolTipsVisible(True)
            axis_menu.aboutToShow.connect(partial(self._fill, axis_menu, which))
            menu.insertMenu(before, axis_menu)
        self.axis_menus = across, up
        window.layers_panel.rows["fade"].add_legend(self.legend)
        for signal in (workspace.model_changed, workspace.plane_changed):
            signal.connect(self.refresh)
        workspace.probe_changed.connect(self.show_notice)
        self.picking.changed.connect(self.refresh)
        self.views.changed.connect(self.refresh)  # a snapshot's, too
        self.views.follow_window()
        window.dimensions.menu_requested.connect(self._open_row_menu)
        window.dimensions.traversed.connect(lambda _: window.show_panel(window.film_strip))
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        self.notice.set_theme(theme)
        self.legend.set_theme(theme)

    def rows(self) -> list[Dimension]:
        """The dimensions, the most informative first."""
        return dimensions_of(self._window.workspace.codes, self._window.workspace.dimension, by_kl=True)

    # --- choosing -------------------------------------------------------------------------------------------------

    def why_not(self) -> str:
        """Why there is no choice of planes; empty where there is."""
        workspace = self._window.workspace
        if workspace.dimension <= 2:
            return ONE_PLANE
        return CODEBOOK if workspace.codes is not None and workspace.codes.tokens is not None else ""

    def choose_axis(self, which: int, dimension: int) -> None:
        """Lay a dimension along the horizontal (0) or the vertical (1) axis of the map."""
        workspace = self._window.workspace
        if self.why_not() or not 0 <= dimension < workspace.dimension:
            return
        axes = list(self._axes())
        if axes[1 - which] == dimension:
            axes[1 - which] = axes[which]
        axes[which] = dimension
        text = f"Show {axis_name(axes[0])} and {axis_name(axes[1])}"
        self._change(PlaneChoice("axes", (axes[0], axes[1])), text)

    def _axes(self) -> tuple[int, int]:
        """The axes that are shown, or else those that tell most."""
        choice = self._window.workspace.plane_choice
        if choice.kind == "axes":
            return choice.axes
        rows = self.rows()
        return rows[0].index, rows[1].index

    def _choose(self, choice: PlaneChoice, _checked: bool = True) -> None:
        self.picking.cancel()
        self._change(choice, f"Show {choice.words}")
        self.refresh()

    def _change(self, choice: PlaneChoice, text: str) -> None:
        """Show another plane instead of the one, or of the view, that is shown: one step to undo."""
        workspace = self._window.workspace
        if self.views.shown is None or choice == workspace.plane_choice:
            self._leave_view()
            workspace.change_plane(choice, text)
            return
        workspace.undo_stack.beginMacro(text)
        self._leave_view()
        workspace.change_plane(choice, text)
        workspace.undo_stack.endMacro()

    def _choose_codes(self, _checked: bool = True) -> None:
        self._choose(PlaneChoice())

    def _choose_first(self, _checked: bool = True) -> None:
        self._choose(PlaneChoice("axes"))

    def _choose_largest(self, _checked: bool = True) -> None:
        rows = self.rows()
        self._choose(PlaneChoice("axes", (rows[0].index, rows[1].index)))

    def _leave_view(self) -> None:
        if self.views.shown is not None:
            self.views.leave()

    def _pick(self, _checked: bool = True) -> None:
        self._leave_view()
        self.picking.start()

    def bring(self) -> None:
        """Move the plane to where the probe is."""
        if not self.why_not():
            self._window.workspace.bring_plane_to_probe()

    def _fill(self, menu: QMenu, which: int) -> None:
        """Every dimension, the most informative first."""
        menu.clear()
        choice, rows = self._window.workspace.plane_choice, self.rows()
        for row in rows[:MOST_IN_MENU]:
            words = axis_name(row.index) if row.kl is None else f"{axis_name(row.index)}\tKL {row.kl:.2f}"
            action = menu.addAction(words, partial(self.choose_axis, which, row.index))
            action.setToolTip(row.words)
            action.setCheckable(True)
            action.setChecked(choice.kind == "axes" and choice.axes[which] == row.index)
        if len(rows) > MOST_IN_MENU:
            menu.addSeparator()
            more = menu.addAction(f"{len(rows) - MOST_IN_MENU} more: right click a row of the Dimensions panel")
            more.setEnabled(False)

    def _open_row_menu(self, dimension: int, position: QPoint) -> None:
        """What can be done with a dimension of the Dimensions panel."""
        menu, panel = QMenu(self._window), self._window.dimensions
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        row = next(row for row in panel.rows.rows if row.index == dimension)
        menu.addAction("Path Along It", partial(panel.traverse, dimension))
        menu.addAction(f"Back to {row.rest:.3g}", partial(panel.set_value, dimension, row.rest))
        menu.addSeparator()
        for which, text in enumerate(("Show on the Horizontal Axis", "Show on the Vertical Axis")):
            action = menu.addAction(text, partial(self.choose_axis, which, dimension))
            action.setEnabled(not self.why_not())
            action.setToolTip(self.why_not())
        menu.popup(position)

    # --- what is shown --------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """The entries of the menu, and the notice."""
        window, why = self._window, self.why_not()
        choice = window.workspace.plane_choice
        first = choice.kind == "axes" and choice.axes == (0, 1)
        largest = False
        if choice.kind == "axes" and not first and not why:
            rows = self.rows()
            largest = choice.axes == (rows[0].index, rows[1].index)
        view = self.views.shown
        shown = {"codes": choice.kind == "codes", "axes": first, "kl": largest, "points": choice.kind == "points"}
        for name, on in shown.items():
            action = window.action(f"plane-{name}")
            action.setEnabled(not why or (name == "codes" and view is not None))
            action.setChecked(on and view is None)
        for method in METHODS:
            action, cannot = window.action(f"view-{method}"), self.views.why_not(method)
            action.setEnabled(not cannot)
            action.setToolTip(cannot or TIPS[method])
            action.setChecked(view is not None and view.method == method)
        codes = window.workspace.codes
        spread = codes is not None and codes.logvar is None
        window.action("plane-kl").setText(f"Two Dimensions of Largest {'Spread' if spread else 'KL'}")
        self.legend.refresh()
        for layer, row in window.layers_panel.rows.items():
            if layer not in MEANT:
                row.setEnabled(view is None)
                row.setToolTip("" if view is None else NOT_IN_A_VIEW)
                window.action(f"layer-{layer}").setEnabled(view is None)
        for menu in self.axis_menus:
            menu.menuAction().setEnabled(not why)
            menu.menuAction().setToolTip(why)
        self.show_notice()

    def show_notice(self) -> None:
        """Say on the map what is not as usual."""
        workspace = self._window.workspace
        off = 0.0 if workspace.dimension <= 2 else float(workspace.plane.distance(workspace.probe))
        about = self.views.notice()
        can = off > OFF_PLANE and about is None and not self.why_not() and workspace.model is not None
        self._window.action("plane-probe").setEnabled(can)
        if self.picking.active:
            step = STEPS[len(self.picking.picked)]
            actions = [("Take the Probe", self.picking.pick_probe), ("Cancel", self.picking.cancel)]
            self.notice.say(f"{self.picking.trouble}{step}, or the probe; Esc cancels.", actions)
        elif about is not None:
            self.notice.say(*about)
        elif can:
            self.notice.say(f"The probe lies {off:.2f} off this plane.", [("Bring the Plane to the Probe", self.bring)])
        else:
            self.notice.clear()
