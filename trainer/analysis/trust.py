"""How far a decoder can be trusted at a place of the latent space: does its image lead back there, and how much does it
stretch the space? Both are cheap for a place among the data and tell something off it."""

import torch
from torch import Tensor

from trainer.models.base import LatentModel

__all__ = ["LEAST_VOLUME", "round_trip", "stretch"]

# The logarithm of the least volume that differences of float32 images tell from none, and the step they are taken over,
# in latent units: a fraction of any posterior's σ, and far above what rounding does.
LEAST_VOLUME = -18.0
STEP = 4e-3


@torch.no_grad()
def round_trip(model: LatentModel, z: Tensor, condition: Tensor | None = None) -> Tensor:
    """How far the encoder puts the decoded image of z (N, D) from z: (N,).

    ‖z − enc(dec(z))‖. With a posterior N(μ, diag σ²) it is the root mean square of (z − μ)/σ over the dimensions, so
    that a sample of a posterior comes to about 1 in any number of them; without one, the distance in latent units.
    """
    mean, logvar = model.encode(model.decode(z, condition), condition)
    offset = (z - mean).square()
    if logvar is None:
        return offset.sum(1).sqrt()
    return (offset * (-logvar).exp()).mean(1).sqrt()


@torch.no_grad()
def stretch(model: LatentModel, z: Tensor, directions: Tensor, condition: Tensor | None = None) -> Tensor:
    """The log-volume of the decoder's Jacobian J at z (N, D) along directions (P, D), P = 1 or 2: ½ log det JᵀJ, (N,).

    J (pixels, P) has the derivative of the mean image, pixels in [0, 1], along each direction; the volume says by how
    much an area of the map grows in image space: the magnification factor of Bishop, Svensén & Williams 1997, the
    Riemannian volume of Arvanitidis, Hansen & Hauberg 2018, "Latent space oddity". Not less than ``LEAST_VOLUME``.

    By central differences: forward differentiation would first load and compile a second's worth of torch.
    """
    columns = [slope(model, z, direction, condition) for direction in directions]
    if len(columns) == 1:
        return columns[0].square().sum(1).log().mul(0.5).clamp(min=LEAST_VOLUME).float()
    a, b = columns
    # |a| times what of b is at right angles to a: |a|²|b|² − (a·b)² would lose all its digits where they are parallel.
    length = a.square().sum(1)
    along = (a * b).sum(1) / length.clamp(min=1e-300)
    rest = (b - along[:, None] * a).square().sum(1)
    return (0.5 * (length.log() + rest.log())).clamp(min=LEAST_VOLUME).float()


def slope(model: LatentModel, z: Tensor, direction: Tensor, condition: Tensor | None) -> Tensor:
    """The derivative of the mean images along a direction, (N, pixels), float64."""
    ahead, behind = (model.decode(z + sign * STEP * direction, condition).flatten(1) for sign in (1, -1))
    return (ahead.double() - behind) / (2 * STEP)
