"""Averages over the steps since they were last asked for, kept on the device so that no step waits for them."""

import math
from dataclasses import dataclass

import torch

from trainer.models.base import Loss

__all__ = ["Averages", "Tally"]


@dataclass(frozen=True)
class Averages:
    """Means over images, in nats: what was minimised, and its two parts without their weights."""

    loss: float
    reconstruction: float
    kl: float | None
    steps: int

    def are_finite(self) -> bool:
        return all(map(math.isfinite, (self.loss, self.reconstruction, self.kl or 0.0)))


class Tally:
    """Adds up the losses of equally large batches."""

    def __init__(self) -> None:
        self._sums: torch.Tensor | None = None
        self._steps = 0

    @torch.no_grad()
    def add(self, loss: Loss) -> None:
        parts = [loss.total, loss.reconstruction.mean()]
        if loss.kl is not None:
            parts.append(loss.kl.mean())
        row = torch.stack(parts)
        self._sums = row if self._sums is None else self._sums + row
        self._steps += 1

    def take(self) -> Averages | None:
        """The averages, which then begin anew; None if nothing was added. They may be NaN or infinite."""
        if self._sums is None:
            return None
        loss, reconstruction, *kl = (self._sums / self._steps).tolist()
        averages = Averages(loss, reconstruction, kl[0] if kl else None, self._steps)
        self._sums, self._steps = None, 0
        return averages
