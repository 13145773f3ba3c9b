"""``python -m trainer``: the headless engine's command line."""

from trainer.console import app
from trainer.console.speech import speak_utf8

__all__ = ["main"]


def main() -> None:
    speak_utf8()
    app()


if __name__ == "__main__":
    main()
