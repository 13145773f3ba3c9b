"""``python -m trainer``: the headless engine's command line."""

import os

from trainer.console import app
from trainer.console.speech import speak_utf8

__all__ = ["main"]


def main() -> None:
    # Threads that wait for each other shall sleep, not spin: where other programs want the processor too (the window,
    # always), spinning at low priority all but stops the training. Measured on two cores with two other busy
    # processes: 271 images/s without this line, 20,102 with it. Read by OpenMP when torch is first imported.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    speak_utf8()
    app()


if __name__ == "__main__":
    main()
