"""t-SNE and UMAP as views of the codes: made by a process of its own, kept for each model, shown on the map."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from latentscope.map.embedding import TITLES, Embedding, embedding_of
from latentscope.runs.evaluating import Evaluating, Wish
from latentscope.runs.evaluations import fingerprint
from latentscope.runs.worker import trainer_command
from latentscope.state.undo import push_change
from latentscope.turns import Turn
from latentscope.window.commands import Command, Separator
from latentscope.window.countdown import Countdown
from latentscope.window.map_notice import Action
from trainer.analysis.embedding import INSTALL_UMAP, EmbeddingMethod, umap_is_there
from trainer.files import Codes, ModelFile

if TYPE_CHECKING:
    from latentscope.main_window import MainWindow

__all__ = ["NOT_IN_A_VIEW", "TIPS", "Views"]

MENU = "View/Plane"
NOT_IN_A_VIEW = "Not in a t-SNE or UMAP view: its axes are not latent, so only the points have a place in it."
TIPS: dict[EmbeddingMethod, str] = {
    "t-sne": "Neighbours stay neighbours; distances and directions mean nothing. A click decodes the nearest code",
    "umap": "Neighbours stay neighbours, by UMAP. A click decodes the nearest code",
}
UMAP_IS_MISSING = f"UMAP needs a package that is not installed: {INSTALL_UMAP}"


@dataclass(frozen=True)
class _ViewWish(Wish):
    method: EmbeddingMethod = "t-sne"


def embedding_command(model: Path, wish: Wish) -> list[str]:
    assert isinstance(wish, _ViewWish)
    return trainer_command("embed", str(model), "--events", "--method", wish.method)


class Views(QObject):
    """The views of one window's map."""

    changed = Signal()  # another view is shown or being made

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self.work = Evaluating(embedding_command, self)
        self.work.progressed.connect(self._progress)
        self.work.finished.connect(self._take)
        self.work.failed.connect(self._fail)
        self.work.cancelled.connect(self._go_on)
        self._made: dict[tuple[str, EmbeddingMethod], Embedding] = {}
        self._method: EmbeddingMethod | None = None  # what is being made
        self._codes: Codes | None = None  # of what
        self._key = ""  # the fingerprint of the model that they are of
        self._last: Embedding | None = None  # what was shown when the map was looked at last
        self._next: EmbeddingMethod | None = None  # what is wanted once the present work has ended
        self._restored: Callable[[], None] | None = None  # to be called when what was shown once is shown again
        self.share = 0.0
        self._clock = Countdown()
        self._told = ""  # of how long it will take

    @property
    def shown(self) -> Embedding | None:
        return self._window.map.embedding

    def all(self) -> list[Command | Separator]:
        return [
            Separator(MENU),
            *(
                Command(f"view-{method}", MENU, f"{title} of the Codes", partial(self.ask, method), "", TIPS[method],
                        group="plane")
                for method, title in TITLES.items()
            ),
        ]  # fmt: skip

    def follow_window(self) -> None:
        """Follow the window, once all is there."""
        window = self._window
        window.map.embedding_changed.connect(self.changed)
        window.workspace.model_changed.connect(self._drop)
        self._turn = Turn(self._take_snapshot, window.workspace.turns, self)
        window.workspace.snapshot_changed.connect(self._turn.ask)
        window.compare.changed.connect(self._follow_comparison)
        window.closed.connect(self.work.close)

    def why_not(self, method: EmbeddingMethod) -> str:
        """Why there is no such view just now; empty where there can be one."""
        codes = self._window.workspace.codes
        if codes is None:
            return "This model has no codes of test images to lay out."
        if self._window.compare.is_on:
            return "Maps that are compared are aligned in the latent space, and such a view is not in it."
        if method == "umap" and not umap_is_there():
            return UMAP_IS_MISSING
        return ""

    def is_settled(self) -> bool:
        """Whether no view is being made."""
        return self._method is None

    # --- asking ---------------------------------------------------------------------------------------------------

    def ask(self, method: EmbeddingMethod, _checked: bool = True) -> None:
        """Show such a view; first make it if there is none of these codes yet."""
        workspace = self._window.workspace
        model, codes = workspace.model, workspace.codes
        if model is None or codes is None or self.why_not(method):
            self.changed.emit()
            return
        known = self._made.get((fingerprint(model.file), method))
        if known is not None and known.codes is codes:
            self._show(known)
        elif self._method is not None:
            self._next = method if (method, codes) != (self._method, self._codes) else None
            if self._next is not None:
                self.work.cancel()
        else:
            self._method, self._codes, self.share = method, codes, 0.0
            self._clock, self._told = Countdown(), ""
            self._key = fingerprint(model.file)
            self.work.start(replace(model.file, codes=codes), model.title, _ViewWish(method=method))
        self.changed.emit()

    def restore(self, method: str, then: Callable[[], None]) -> None:
        """Show such a view as it was in an earlier window, which is no step to undo; ``then`` is called once it is."""
        known = next((one for one in TITLES if one == method), None)
        if known is None or (why := self.why_not(known)):
            self._window.say(
                f"The {method} view is not shown: {why if known else 'there is none of that name.'}", "warning"
            )
            return
        self._restored = then
        self.ask(known)

    def cancel(self) -> None:
        """Make no view after all."""
        self._next = None
        self.work.cancel()

    def leave(self) -> None:
        """Back to the plane."""
        self._show(None)

    def _show(self, embedding: Embedding | None) -> None:
        then, self._restored = self._restored, None
        if then is not None and embedding is not None:
            self._put(embedding)
            then()
            return
        text = "Show the plane" if embedding is None else f"Show {embedding.title}"
        push_change(self._window.workspace.undo_stack, text, self.shown, embedding, self._put)

    def _put(self, embedding: Embedding | None) -> None:
        self._window.map.set_embedding(embedding)
        self._last = self.shown

    # --- what comes -----------------------------------------------------------------------------------------------

    def _progress(self, _part: str, share: float) -> None:
        told = self._clock.words(share)
        if share != self.share or told != self._told:
            self.share, self._told = share, told
            self.changed.emit()

    def _take(self, _file: ModelFile, result: dict[str, Any]) -> None:
        method, codes = self._method, self._codes
        assert method is not None
        assert codes is not None
        index, position = np.array(result["index"], np.int64), np.array(result["position"], np.float32)
        made = embedding_of(method, codes, index, position)
        self._made[self._key, method] = made
        self._method = self._codes = None
        if codes is self._window.workspace.codes and not self._window.compare.is_on and self._next is None:
            self._show(made)
        self._go_on()

    def _fail(self, text: str) -> None:
        title = TITLES[self._method] if self._method is not None else "view"
        self._window.say(f"There is no {title} view of these codes: {text}", "error")
        self._go_on()

    def _go_on(self) -> None:
        wanted, self._next = self._next, None
        self._method = self._codes = None
        self._restored = None if wanted is None else self._restored
        if wanted is not None:
            self.ask(wanted)
        self.changed.emit()

    def _drop(self) -> None:
        """Other codes are shown: what is being made of those before is not wanted any more."""
        if self._codes is not None and self._codes is not self._window.workspace.codes:
            self.cancel()
        model = self._window.workspace.model
        key = fingerprint(model.file) if model is not None else ""
        self._made = {at: made for at, made in self._made.items() if at[0] == key}
        self._last = self.shown
        self.changed.emit()

    def _take_snapshot(self) -> None:
        """A newer or an earlier moment has other codes, and the map has gone back to the plane."""
        if self._last is not None and self.shown is None and self._last.codes is not self._window.workspace.codes:
            self._window.say(f"The map shows the plane again: the {self._last.title} was of other codes than these.")
        self._drop()

    def _follow_comparison(self) -> None:
        if self._window.compare.is_on:
            self.cancel()
            self._window.map.set_embedding(None)
        self.changed.emit()

    # --- words ----------------------------------------------------------------------------------------------------

    def notice(self) -> tuple[str, list[Action], float | None] | None:
        """What the map has to say about its view: words, what can be done, and how far something is."""
        if self._method is not None:
            words = f"Making a {TITLES[self._method]} of the codes… {self._told}".rstrip()
            return words, [("Cancel", self.cancel)], self.share or None
        shown = self.shown
        if shown is None:
            return None
        count, whole = len(shown.cloud.index), len(shown.codes.mean)
        which = f"{count:,} of {whole:,} codes" if count < whole else f"{whole:,} codes"
        row, away = shown.nearest_row(self._window.workspace.probe)
        here = f", now test image {shown.cloud.index[row]:,}." if away == 0 else "."
        words = f"{shown.title} of {which}, no latent axes: a click decodes the nearest code{here}"
        return words, [("Back to the Plane", self.leave)], None
