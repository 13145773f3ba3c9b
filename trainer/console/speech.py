"""What the command line says: results on stdout, everything else on stderr, faults in one sentence."""

import functools
import inspect
import os
import sys
from collections.abc import Callable
from typing import Any

import typer

from trainer.errors import TrainerError

__all__ = ["INTERRUPTED", "explained", "say", "speak_utf8", "stop_printing"]

INTERRUPTED = 130  # the exit code that shells expect of a program that Ctrl+C has ended


def say(text: str) -> None:
    """A line on stderr, never wrapped: whoever reads a log finds one sentence in one line."""
    print(text, file=sys.stderr, flush=True)


def explained(command: Callable[..., None]) -> Callable[..., None]:
    """Make a command end with one sentence and exit code 1 where the engine says no, and with 130 on Ctrl+C."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except TrainerError as error:
            say(str(error))
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            say("Interrupted.")
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            stop_printing()
            raise typer.Exit(1) from None

    # The help would keep the source's line breaks wherever the terminal's are.
    paragraphs = (inspect.getdoc(command) or "").split("\n\n")
    run.__doc__ = "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
    return run


def stop_printing() -> None:
    """For when whoever read our output (head, a closed pager) has had enough: Python would complain when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def speak_utf8() -> None:
    """Into files and pipes, text goes as UTF-8 on every system, and no letter that cannot be shown is a fault."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")
