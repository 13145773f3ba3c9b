"""The discrete energy of a curve in image space. Pure NumPy.

A curve of latent points z₀ … zₙ has the energy n Σ w ‖g(zᵢ₊₁) − g(zᵢ)‖², with g the decoder. Its minimum under fixed
ends is a geodesic of the metric JᵀJ that the decoder pulls back from image space (Shao, Kumar & Fletcher 2018, "The
Riemannian Geometry of Deep Generative Models"; Chen et al. 2018; Arvanitidis, Hansen & Hauberg 2018, "Latent Space
Oddity"), passed at constant speed. The decoder says little about where it was never trained, and without more the
shortest way may lead there. Arvanitidis et al. let a decoder of variances tell; these have none, so the metric is made
larger where codes are sparse: w JᵀJ, a conformal change of the metric as in Arvanitidis, Georgiev & Schölkopf 2022, "A
Prior-Based Approximate Latent Riemannian Metric", here of the codes' density p:

    w = 1 + Σ λ max(0, (log p₀ − log p) · 2/D)²,

a term for each of some floors p₀. It is 1, and the metric the decoder's own, wherever codes lie at least as densely as
all of them. The logarithm is taken for every two dimensions: moved away from the codes by the same distance, a place is
sparser by so many more factors the more dimensions there are.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.paths.curve import Array
from trainer.paths.density import Density
from trainer.paths.rule import Decode, Pull, Trace

__all__ = ["Energy", "Floor", "Images", "Seen", "by_differences"]

Images = NDArray[np.float32]
Weight = tuple[Array, Array]

# Farther below a floor all is alike, so that no sum overflows.
MOST_LACK = 1e4
# The step of differences, in units of the codes' spread: float32 images leave them four digits. So many are decoded at
# a time.
STEP, MOVED = 1e-3, 1024


@dataclass(frozen=True)
class Floor:
    """A log density log p₀, and how much larger the metric is below it, λ."""

    log: float
    strength: float


@dataclass(frozen=True, eq=False)
class Seen:
    """What there is to know about a curve (n + 1, D)."""

    energy: float
    steps: Array  # (n,), how long its steps are in image space and by √w
    weight: Weight  # w halfway along each step
    images: Images  # (n + 1, P)


@dataclass(frozen=True, eq=False)
class Energy:
    """Measures curves (n + 1, D). ``unit`` is the spread of the codes, in latent units."""

    decode: Decode
    trace: Trace | None = None
    density: Density | None = None
    floors: tuple[Floor, ...] = ()
    unit: float = 1.0

    def weight(self, z: Array) -> Weight:
        """w (...,) at latent points z (..., D), and its gradient (..., D)."""
        if self.density is None:
            return np.ones(z.shape[:-1]), np.zeros(z.shape)
        log, slope = self.density.with_slope(z)
        rate, scale = np.zeros(log.shape), 2 / z.shape[-1]
        for floor in self.floors:
            lack = scale * (floor.log - log)
            rate -= 2 * scale * floor.strength * np.where(lack < MOST_LACK, np.maximum(lack, 0), 0)
        return self.weight_of(log, z.shape[-1]), rate[..., None] * slope

    def weight_of(self, log_density: Array, dimension: int) -> Array:
        """w (...,) where the density has this logarithm (...,)."""
        weight = np.ones(log_density.shape)
        for floor in self.floors:
            weight += floor.strength * np.clip(2 / dimension * (floor.log - log_density), 0, MOST_LACK) ** 2
        return weight

    def of(self, z: Array) -> Seen:
        """What there is to know about a curve without following its gradient."""
        return self._measured(z, self.decode(z))

    def with_gradient(self, z: Array) -> tuple[Seen, Array, Pull]:
        """The same, the gradient (n − 1, D) of the energy at the inner points, and how a gradient at the images is
        pulled back to the curve."""
        images, pull = (self.trace or by_differences(self.decode, self.unit))(z)
        seen = self._measured(z, images)
        change, count, (weight, slope) = np.diff(images, axis=0), len(z) - 1, seen.weight
        # Each image is drawn to both of its neighbours.
        drawn = np.zeros_like(images)
        drawn[1:] += weight.astype(np.float32)[:, None] * change
        drawn[:-1] -= weight.astype(np.float32)[:, None] * change
        gradient = 2 * count * pull(drawn)
        # Halfway along a step the weight moves half as far as either end.
        by_weight = 0.5 * count * (seen.steps**2 / weight)[:, None] * slope
        gradient[1:] += by_weight
        gradient[:-1] += by_weight
        return seen, gradient[1:-1], pull

    def _measured(self, z: Array, images: Images) -> Seen:
        change = np.diff(images, axis=0)
        square = np.einsum("ij,ij->i", change, change).astype(float)
        weight = self.weight((z[1:] + z[:-1]) / 2)
        return Seen((len(z) - 1) * float(weight[0] @ square), np.sqrt(weight[0] * square), weight, images)


def by_differences(decode: Decode, unit: float) -> Trace:
    """``Surroundings.trace`` of a decoder of which only the images are known; ``unit`` is the codes' spread."""

    def trace(z: Array) -> tuple[Images, Pull]:
        images, step = decode(z), STEP * unit

        def pull(gradient: Images) -> Array:
            found = np.empty(z.shape)
            axes = np.eye(z.shape[1])
            at_once = max(1, MOVED // len(z))
            for begin in range(0, len(axes), at_once):
                some = step * axes[begin : begin + at_once]
                moved = decode((z[:, None] + some).reshape(-1, z.shape[1])).reshape(len(z), len(some), -1)
                found[:, begin : begin + at_once] = np.einsum("nkp,np->nk", moved - images[:, None], gradient) / step
            return found

        return images, pull

    return trace
