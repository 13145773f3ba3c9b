"""The command line: every command of ``python -m trainer``, also installed as ``latentscope-trainer``."""

import typer

from trainer.console.classifying import classifier
from trainer.console.downloading import download
from trainer.console.embedding import embed_codes
from trainer.console.evaluating import evaluate
from trainer.console.exploring import atlas, decode, encode, sample
from trainer.console.paths import path
from trainer.console.training import fit, resume

__all__ = ["app"]

app = typer.Typer(
    name="latentscope-trainer",
    help="Train variational autoencoders and their relatives, and explore what they have learnt.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,  # an unexpected fault goes into logs, where a plain traceback is read best
)

for panel, commands in {
    "Train": (fit, resume, download),
    "Explore a model": (evaluate, encode, decode, atlas, path, sample),
}.items():
    for command in commands:
        app.command(rich_help_panel=panel)(command)
app.command(rich_help_panel="Train")(classifier)
app.command("embed", rich_help_panel="Explore a model")(embed_codes)
