"""Which plane of a latent space of more than two dimensions the map shows. Pure data."""

from dataclasses import dataclass
from typing import Literal

from numpy.typing import ArrayLike

from trainer.geometry import Plane, axis_name, axis_plane, map_plane, moved_through, plane_through

__all__ = ["PlaneChoice", "PlaneKind"]

PlaneKind = Literal["codes", "axes", "points"]  # the codes' two main directions, two latent axes, three points


@dataclass(frozen=True)
class PlaneChoice:
    """``axes`` are the two dimensions along the map, ``points`` the three latent points; each counts for its kind only.

    With ``through`` the plane is moved, parallel to itself, to go through that latent point. Points are in aligned
    coordinates (see ``Workspace``).
    """

    kind: PlaneKind = "codes"
    axes: tuple[int, int] = (0, 1)
    points: tuple[tuple[float, ...], ...] = ()
    through: tuple[float, ...] | None = None

    def plane(self, dimension: int, codes: ArrayLike | None) -> Plane:
        """The plane, with codes (N, D) for the kind that is made from them. Up to two dimensions there is only one.

        Raises ConfigError where the three points lie on one line.
        """
        if dimension <= 2:
            return axis_plane(dimension)
        if self.kind == "axes":
            plane = axis_plane(dimension, *self.axes)
        elif self.kind == "points":
            plane = plane_through(*self.points)
        else:
            plane = map_plane(dimension, codes)
        return plane if self.through is None else moved_through(plane, self.through)

    @property
    def directions(self) -> tuple[str, str]:
        """What the two directions are called where they are no latent axes: principal components, or u and v."""
        return ("u", "v") if self.kind == "points" else ("PC 1", "PC 2")

    @property
    def words(self) -> str:
        """What the map shows, in words."""
        if self.kind == "axes":
            what = f"the plane of {axis_name(self.axes[0])} and {axis_name(self.axes[1])}"
        elif self.kind == "points":
            what = "the plane through three points"
        else:
            what = "the plane of the codes' main directions"
        return what if self.through is None else f"{what}, moved to where the probe was"
