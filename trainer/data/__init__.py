"""The table of data sets, and the one call that loads any of them. To add one: write its file, add its line here."""

from trainer.registry import Choice, Table

__all__ = ["SOURCES"]

SOURCES = Table(
    "data set",
    Choice("digits", "Digits 8×8", "1,797 real handwritten digits of 8×8 pixels; comes with the program.", "trainer.data.builtin"),
    Choice("mnist", "MNIST", "70,000 handwritten digits of 28×28 pixels.", "trainer.data.mnist"),
    Choice("fashion-mnist", "Fashion-MNIST", "70,000 pieces of clothing of 28×28 pixels.", "trainer.data.mnist"),
)
