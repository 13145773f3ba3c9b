"""What the codes say about each latent dimension, as far as a family has it. Pure data, no Qt."""

from dataclasses import dataclass

import numpy as np

from latentscope.runs.evaluations import every_of
from trainer.files import Codes
from trainer.geometry import axis_name
from trainer.measures.codes import active_dimensions, kl_per_dimension, sigma_per_dimension

__all__ = ["PRIOR_REACH", "Dimension", "dimensions_of"]

PRIOR_REACH = 3.0  # a slider goes at least so far from 0, in standard deviations of the prior


@dataclass(frozen=True)
class Dimension:
    """``index`` counts from 0, as the map's axes do: z₀ is the first. ``kl`` and ``sigma`` are None without a
    posterior.

    ``low`` to ``high`` is where there is something to see, ``rest`` where the dimension says nothing: the prior's mean,
    or without a prior the mean of the codes.
    """

    index: int
    kl: float | None = None  # nats
    sigma: float | None = None
    active: bool = True
    low: float = -PRIOR_REACH
    high: float = PRIOR_REACH
    rest: float = 0.0

    @property
    def words(self) -> str:
        state = "" if self.active else ", inactive"
        if self.kl is None or self.sigma is None:
            return f"{axis_name(self.index)}{state}"
        return f"{axis_name(self.index)}{state}: KL {self.kl:.3g} nats, σ {self.sigma:.3g}"


def dimensions_of(codes: Codes | None, count: int, by_kl: bool = False) -> list[Dimension]:
    """One entry a dimension, by its number or with the most informative first; of a codebook's model none.

    KL and σ are averaged over the codes; over every so-manieth of very many. Without a posterior, what is informative
    is what varies most. Codes that are not finite are left out.
    """
    if codes is None or not len(codes.mean):
        return [Dimension(i) for i in range(count)]
    if codes.tokens is not None:
        return []
    every = every_of(codes.mean.size)
    mean = codes.mean[::every]
    logvar = None if codes.logvar is None else codes.logvar[::every]
    finite = np.isfinite(mean).all(axis=1)
    if logvar is not None:
        finite &= np.isfinite(logvar).all(axis=1)
    if not finite.all():
        mean, logvar = mean[finite], None if logvar is None else logvar[finite]
    if not len(mean):
        return [Dimension(i) for i in range(count)]
    low, high, centre = mean.min(axis=0), mean.max(axis=0), mean.mean(axis=0)
    active = active_dimensions(mean)
    if logvar is None:
        air = 0.1 * np.maximum(high - low, 1e-6)
        weight = mean.var(axis=0, dtype=np.float64)
        rows = [
            Dimension(i, None, None, bool(active[i]), *map(float, (low[i] - air[i], high[i] + air[i], centre[i])))
            for i in range(count)
        ]
    else:
        weight, sigma = kl_per_dimension(mean, logvar), sigma_per_dimension(logvar)
        reach = np.maximum(np.ceil(2 * np.maximum(-low, high)) / 2, PRIOR_REACH)
        rows = [
            Dimension(i, float(weight[i]), float(sigma[i]), bool(active[i]), -float(reach[i]), float(reach[i]))
            for i in range(count)
        ]
    return sorted(rows, key=lambda row: -weight[row.index]) if by_kl else rows
