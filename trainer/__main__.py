"""``python -m trainer``: the headless engine's command line."""

import os

from trainer.console import app
from trainer.console.speech import speak_utf8

__all__ = ["main"]


def main() -> None:
    # How threads wait for each other, read by OpenMP when torch is first imported. Spinning for long is fastest on an
    # idle computer, but all but stops the training where other programs want the processor too (the window, always);
    # sleeping at once costs 40 % of the speed on an idle one. So: spin for about as long as a short task takes, then
    # sleep. Images/s on two cores, idle / with another busy process: long 27,900 / 570, so 25,000 / 10,000, not at all
    # 17,000 / 16,700. GNU's OpenMP (Linux) knows a measure for it; the others sleep.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("GOMP_SPINCOUNT", "2000")
    speak_utf8()
    app()


if __name__ == "__main__":
    main()
