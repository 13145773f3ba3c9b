"""A decoder that is said to take so long, whatever it takes on this machine."""

from latentscope.decoding import Pace

__all__ = ["SteadyPace"]


class SteadyPace(Pace):
    """Learns nothing from what a decode took."""

    def learn(self, count: int, milliseconds: float) -> None:
        pass
