"""All layers that are drawn from the fields of the plane, in their order under and over the points."""

from latentscope.map.ellipses import EllipsesLayer
from latentscope.map.fields import PlaneFields
from latentscope.map.lines import BoundariesLayer, ContoursLayer
from latentscope.map.scene import BaseLayer
from latentscope.map.tints import TINTS, RegionsLayer, TintLayer

__all__ = ["FieldLayers"]


class FieldLayers:
    """``under`` the points, over the atlas, and ``over`` the points."""

    def __init__(self, fields: PlaneFields) -> None:
        self._fields, self._ellipses = fields, EllipsesLayer(fields.selecting)
        self.under: tuple[BaseLayer, ...] = (RegionsLayer(fields), *(TintLayer(name, fields) for name in TINTS))
        self.over: tuple[BaseLayer, ...] = (self._ellipses, BoundariesLayer(fields), ContoursLayer(fields))

    @property
    def rough(self) -> bool:
        """Whether they are to be painted again when the camera rests: lines are hair lines, ellipses few, meanwhile."""
        return self._ellipses.rough or self._fields.are_shown
