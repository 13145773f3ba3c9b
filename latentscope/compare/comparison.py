"""The comparison: which models are beside the main one, and how they come and go."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QMenu, QToolButton

from latentscope.compare.caption import Caption, CaptionText
from latentscope.compare.companion import Companion, Source
from latentscope.compare.linking import Links
from latentscope.compare.main_follower import MainFollower
from latentscope.compare.stage import Pane, Stage
from latentscope.map.still import StillPicture
from latentscope.state.open_model import OpenModel
from latentscope.theme import Theme
from latentscope.window.point_card import PointCard
from latentscope.words import family_text, latent_text, quality_text
from trainer.run import Run

if TYPE_CHECKING:
    from latentscope.main_window import MainWindow

__all__ = ["MOST_COMPANIONS", "Comparison"]

MOST_COMPANIONS = 2  # beside the main map
RUN_WORDS = {
    "new": "waiting to be trained",
    "running": "training",
    "paused": "paused",
    "interrupted": "interrupted",
    "failed": "failed",
    "stopped": "stopped",
}


@dataclass(eq=False)
class _Guest:
    """A companion and what belongs to it; ``pane`` is None until it has something to show."""

    source: Source
    companion: Companion
    caption: Caption
    card: PointCard
    pane: Pane | None = None


class Comparison(QObject):
    """Makes the companions and puts them on the stage, whose first map is the main one and its caption."""

    message = Signal(str, str)  # text; info, warning or error
    changed = Signal()  # a map has come or gone, or the wipe has

    def __init__(self, window: "MainWindow", stage: Stage) -> None:
        super().__init__(window)
        self._window, self._stage = window, stage
        self._guests: list[_Guest] = []
        self._complete: Callable[[], None] | None = None  # to be called once no map is missing any more
        self.links = Links(window.workspace, window.map, self)
        self.main_follower = MainFollower(window, self)
        self.main_caption = Caption(window.theme, stage, closable=False)
        stage.add(window.map, window.map_frame, self.main_caption)
        self.wipe_button = QToolButton(self.main_caption)
        self.wipe_button.setText("Wipe")
        self.wipe_button.setCheckable(True)
        self.wipe_button.setAccessibleName("Lay the two maps one over the other")
        self.wipe_button.setToolTip("Lay the two maps one over the other, with a line to drag between them")
        self.wipe_button.toggled.connect(self.set_wipe)
        self.main_caption.add_button(self.wipe_button)
        self.links.aligned.connect(self._write_captions)
        self.main_follower.failed.connect(lambda text: self.message.emit(text, "error"))
        window.decoded.shown.connect(self.main_caption.show_picture)
        workspace = window.workspace
        workspace.model_changed.connect(self._write_captions)
        workspace.model_changed.connect(lambda: self.main_caption.show_picture(None))
        workspace.snapshot_changed.connect(self._write_captions)

    # --- coming and going -----------------------------------------------------------------------------------------

    @property
    def is_on(self) -> bool:
        """Whether more than one map is on the stage."""
        return len(self._stage.panes) > 1

    @property
    def companions(self) -> list[Companion]:
        """Those on the stage, from left to right."""
        return [guest.companion for guest in self._guests if guest.pane is not None]

    @property
    def sources(self) -> list[Source]:
        """Where what is beside the main map comes from, whether or not it can be seen already."""
        return [guest.source for guest in self._guests]

    @property
    def captions(self) -> list[Caption]:
        """The main map's, and the companions'."""
        return [pane.caption for pane in self._stage.panes]

    def open(self, models: Sequence[Source]) -> None:
        """Compare models: one is put beside what is open; of several the first is opened, and the others beside it.

        A Path is a model file, or a run's folder whose newest model is shown as it is now. A Run is followed: its map
        forms as its snapshots come, whoever trains it, and it may not have begun. Faults come through ``message``.
        """
        models = list(models)
        if len(models) > MOST_COMPANIONS + 1:
            self.message.emit(f"Only the first {MOST_COMPANIONS + 1} models are compared.", "warning")
            del models[MOST_COMPANIONS + 1 :]
        if len(models) > 1 or (models and self._window.workspace.model is None):
            self._window.workspaces.leaving.unless_unsaved(lambda: self._open_all(models))
        else:
            for model in models:
                self._add(model)

    def _open_all(self, models: Sequence[Source]) -> None:
        self.stop()
        self._open_main(models[0])
        for model in models[1:]:
            self._add(model)

    def follow(self, run: Run) -> None:
        """Put the map of a run beside the others, and let it form as the run is trained."""
        self.open([run])

    def shows(self, run: Run) -> bool:
        """Whether a run is followed here, so that its training need not take over the main map."""
        return run == self.main_follower.run or any(run == guest.companion.run for guest in self._guests)

    def restore(self, models: Sequence[Source], wipe: bool, share: float, then: Callable[[], None]) -> None:
        """Put these models beside the main one, and no others; ``then`` is called when each of them has its map, or has
        turned out to have none."""
        for guest in list(self._guests):
            self._remove(guest)
        self._complete = then
        for model in models[:MOST_COMPANIONS]:
            self._add(model)
        self._stage.set_share(share)
        self.set_wipe(wipe)
        self._tell_complete()

    def stop(self) -> None:
        """Leave the main map alone on the stage."""
        self.main_follower.stop()
        for guest in list(self._guests):
            self._remove(guest)

    def close(self) -> None:
        """Stop everything, for good."""
        self.stop()
        self.main_follower.close()

    def is_settled(self) -> bool:
        return self.main_follower.is_settled() and all(guest.companion.is_settled() for guest in self._guests)

    def _open_main(self, model: Source) -> None:
        window = self._window
        if isinstance(model, Path):
            window.open_path(model)
        elif isinstance(model, OpenModel):
            window.decoding.drop()
            window.documents.show_model(model)
            window.decoding.open(model.file, model.title)
        elif window.training.busy() and model == window.training.run:
            window.flow.follow()
        else:
            window.flow.unfollow()
            self.main_follower.follow(model)

    def _add(self, model: Source) -> None:
        window, stage = self._window, self._stage
        if len(self._guests) >= MOST_COMPANIONS:
            self.message.emit("Three maps are as many as fit beside each other; close one of them first.", "warning")
            return
        colours = window.colours.fields, window.originals
        companion = Companion(window.workspace, window.theme, stage.frame(), *colours)
        caption = Caption(window.theme, stage, closable=True)
        card = PointCard(companion.workspace, window.theme, companion.map)
        guest = _Guest(model, companion, caption, card)
        self._guests.append(guest)
        companion.failed.connect(partial(self._give_up, guest))
        companion.model_shown.connect(partial(self._show, guest))
        companion.status_changed.connect(self._write_captions)
        companion.workspace.probe_changed.connect(partial(self._decode, guest))
        companion.decoding.ready.connect(partial(self._decode, guest))
        companion.decoding.failed.connect(lambda text: self.message.emit(text, "error"))
        companion.map.tool_changed.connect(window.map.set_tool)
        companion.map.hovered.connect(partial(self._show_card, guest))
        companion.map.menu_requested.connect(partial(self._open_menu, guest))
        caption.closed.connect(partial(self._remove, guest))
        companion.open(model)
        if isinstance(model, Run):
            self._show(guest)

    def _show(self, guest: _Guest) -> None:
        """Put it on the stage, if it is not there yet."""
        if guest.pane is None:
            # In the order in which they were asked for, though a later one may have been loaded first.
            place = 1 + sum(one.pane is not None for one in self._guests[: self._guests.index(guest)])
            guest.pane = self._stage.add(guest.companion.map, guest.companion.frame, guest.caption, place)
            self.links.add(guest.companion)
            self._changed()
        self._write_captions()

    def _give_up(self, guest: _Guest, text: str) -> None:
        self.message.emit(text, "error")
        if guest.companion.model is None:
            self._remove(guest)

    def _remove(self, guest: _Guest) -> None:
        if guest not in self._guests:  # its button was clicked twice
            return
        self._guests.remove(guest)
        guest.companion.close()
        if guest.pane is None:
            guest.caption.deleteLater()
            guest.companion.frame.deleteLater()
            self._tell_complete()
            return
        self.links.remove(guest.companion)
        self._stage.remove(guest.pane)
        self._changed()

    def _changed(self) -> None:
        two = len(self._stage.panes) == 2
        self.wipe_button.setVisible(two)
        if not two and self._stage.wipe != self.wipe_button.isChecked():
            self.wipe_button.setChecked(False)
        self._write_captions()
        self.changed.emit()
        self._tell_complete()

    def _tell_complete(self) -> None:
        then = self._complete
        if then is not None and all(guest.pane is not None for guest in self._guests):
            self._complete = None
            then()

    # --- how it looks ---------------------------------------------------------------------------------------------

    def set_wipe(self, wipe: bool) -> None:
        """Two maps one over the other, or side by side."""
        self.wipe_button.setChecked(wipe)
        self._stage.set_wipe(wipe)
        self.changed.emit()

    def set_theme(self, theme: Theme) -> None:
        self._stage.set_theme(theme)
        for guest in self._guests:
            guest.companion.map.set_theme(theme)
            guest.caption.set_theme(theme)
            guest.card.set_theme(theme)

    def picture_behind(self, scale: float) -> tuple[StillPicture, int]:
        """The maps as they are seen now, with captions, at ``scale`` pixels to a logical pixel, to be drawn on another
        thread; and how many points that has to draw."""
        return self._stage.picture_behind(scale)

    def _write_captions(self) -> None:
        model = self._window.workspace.model
        if model is None or not self._guests:
            return
        aligned = sum(guest.companion.alignment is not None for guest in self._guests)
        note = ("", "the other map is laid over this one", "the other maps are laid over this one")[aligned]
        self.main_caption.show_text(caption_text(model, note))
        for guest in self._guests:
            guest.caption.show_text(*self._words(guest.companion))

    def _words(self, companion: Companion) -> tuple[CaptionText, str]:
        """A companion's caption and its tool tip."""
        model, alignment, follower = companion.model, companion.alignment, companion.follower
        how_run = RUN_WORDS.get(follower.status, "") if follower else ""
        if model is None or alignment is None:
            return CaptionText(follower.title if follower else "", "", how_run), ""
        note = " · ".join(part for part in (alignment.note, how_run) if part)
        tip = str(model.path or model.title)
        if alignment.fit is not None:
            tip += (
                "\nTurned so that the same test points lie as near as can be to where the first map has them."
                f"\nProcrustes correlation {alignment.fit:.2f}"
            )
            if alignment.scale != 1:
                tip += f"; shown at {alignment.scale:.3g} times its own size"
        return caption_text(model, note, warns=alignment.fit is None), tip

    def _decode(self, guest: _Guest) -> None:
        caption = guest.caption
        guest.companion.decoding.request(
            "probe", guest.companion.workspace.probe[None], lambda pictures, _: caption.show_picture(pictures[0])
        )

    def _show_card(self, guest: _Guest, index: int, position: QPoint) -> None:
        alignment = guest.companion.alignment
        if index < 0 or alignment is None:
            guest.card.hide()
            return
        picture = self._window.originals.picture(index) if index < alignment.points else None
        guest.card.show_point(index, guest.companion.map.mapFromGlobal(position), picture)

    def _open_menu(self, guest: _Guest, position: QPoint, z: object) -> None:
        """What can be done at a point of a companion's map."""
        workspace, model = guest.companion.workspace, guest.companion.model
        menu = QMenu(self._window)
        menu.addAction(latent_text(z)).setEnabled(False)  # type: ignore[arg-type]
        menu.addAction("Decode Here", lambda: workspace.set_probe(z))  # type: ignore[arg-type]
        menu.addAction("Copy Coordinates", lambda: self._window.commands.copy_coordinates(z))  # type: ignore[arg-type]
        menu.addSeparator()
        menu.addAction(self._window.action("reset-view"))
        menu.addAction("Export Map…", self._window.action("export-map").trigger)
        menu.addSeparator()
        if model is not None and model.path is not None:
            menu.addAction("Open as the Main Map", partial(self._window.open_path, model.path))
        menu.addAction("Close This Map", partial(self._remove, guest))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(position)


def caption_text(model: OpenModel, note: str, *, warns: bool = False) -> CaptionText:
    facts = " · ".join(part for part in (family_text(model.file.config), quality_text(model.file)) if part)
    return CaptionText(model.title, facts, note, warns)
