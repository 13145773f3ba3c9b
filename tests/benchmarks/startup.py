"""How long from the start of the process to the map on screen, and to the first decoded image.

    python tests/benchmarks/startup.py [--runs 7] [MODEL]

What is imported has been compiled before, as it is where pip has installed the program: the first run, which is not
counted, sees to that.

Beside them, measured in the same run: what importing torch alone takes, and what an empty Qt window takes.
Budgets: map 0.8 s, first decoded image 2.5 s.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence

EMPTY_WINDOW = """
import time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget
application = QApplication([])
window = QWidget()
window.show()
QTimer.singleShot(0, application.quit)
application.exec()
print('{"event": "map", "time": %f}' % time.time())
"""


def measure(command: Sequence[str]) -> dict[str, float]:
    """Seconds from the start of the process to each event that it prints, and to its end."""
    start = time.time()
    result = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=True)
    seconds = {"end": time.time() - start}
    for line in result.stdout.splitlines():
        event = json.loads(line)
        seconds[event["event"]] = event["time"] - start
    return seconds


def medians(command: Sequence[str], runs: int) -> dict[str, float]:
    measure(command)  # once for the disk's cache
    results = [measure(command) for _ in range(runs)]
    return {event: statistics.median(result[event] for result in results) for event in results[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("model", nargs="*", metavar="MODEL", help="a model file (the shipped model)")
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as home:
        os.environ["LATENTSCOPE_HOME"] = home
        window = medians(["-m", "latentscope", "--trace", *options.model], options.runs)
    empty = medians(["-c", EMPTY_WINDOW], options.runs)
    torch = medians(["-c", "import torch"], options.runs)
    print(f"medians of {options.runs} runs, seconds from the start of the process")
    for what, seconds in (
        ("an empty Qt window", empty["map"]),
        ("import torch, and nothing else", torch["end"]),
        ("the map on screen (budget 0.8)", window["map"]),
        ("the first decoded image (budget 2.5)", window["decode"]),
        ("atlas and pictures, everything", window["settled"]),
    ):
        print(f"  {what:<40}{seconds:6.2f}")


if __name__ == "__main__":
    main()
