"""How long from a mouse move until every map of a comparison and every decoded picture is painted, at 60 Hz.

    python tests/benchmarks/compare_drag.py [MODEL ...] [--seconds 10]

The real main window with one map, with two and with three, side by side, and with two as a wipe; the probe is dragged
over the first map, and the others follow. Without MODELs the shipped one is beside itself. Budget for maps of 10,000
points each: 99 of 100 within 16.7 ms, one frame of a display.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from probe_drag import SHIPPED, PaintClock, drag, main_window, show, wait

from latentscope.app import make_application
from latentscope.main_window import MainWindow


def measure(name: str, window: MainWindow, seconds: float) -> None:
    application = make_application()
    wait(application, window.is_settled)
    maps = [window.map, *(companion.map for companion in window.compare.companions)]
    captions = window.compare.captions if window.compare.is_on else []
    drawn = sum(view.points.drawn for view in maps)
    show(name, drag(application, window.map, PaintClock([*maps, *captions, window.decoded.view]), seconds))
    drawn = sum(view.points.drawn for view in maps) - drawn
    size = window.map.size()
    print(f"    maps of {size.width()} × {size.height()}; the points were drawn {drawn} times during the drag")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("models", nargs="*", type=Path, default=[], metavar="MODEL", help="up to three")
    parser.add_argument("--seconds", type=float, default=10, help="how long each drag lasts")
    options = parser.parse_args()
    first, second, third = (*options.models, SHIPPED, SHIPPED, SHIPPED)[:3]
    application = make_application()
    with main_window(application, first) as window:
        measure("one map", window, options.seconds)
        for name, model in (("two maps", second), ("three maps", third)):
            before = len(window.compare.companions)
            window.compare.open([model])
            wait(application, lambda before=before: len(window.compare.companions) > before)  # type: ignore[misc]
            measure(name, window, options.seconds)
            if name == "two maps":
                window.compare.set_wipe(True)
                measure("two maps, as a wipe", window, options.seconds)
                window.compare.set_wipe(False)


if __name__ == "__main__":
    main()
