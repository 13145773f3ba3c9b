"""How long the decoder is thought to take, on a machine that does other things as well."""

from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from latentscope import decoding as module
from latentscope.background import Background
from latentscope.decoding import Decoding, Pace, TimedCodec, load_codec
from trainer.files import ModelFile


def test_a_decoder_is_as_quick_as_it_was_when_nothing_disturbed_it(
    monkeypatch: pytest.MonkeyPatch, model_file: ModelFile
) -> None:
    """While a model trains most decodes wait for a core. By the median the atlas came a few tiles at a time, and the
    probe was decoded behind the others."""
    really = module.decode_timed
    disturbed = iter([900.0, 40.0, 0.4, 35.0, 50.0, 60.0, 900.0, 70.0, 55.0, 40.0, 0.8, 30.0])

    def slow(codec: Any, decode: Any) -> tuple[Any, float]:
        return really(codec, decode)[0], next(disturbed)

    monkeypatch.setattr(module, "decode_timed", slow)
    timed = load_codec(model_file)
    assert timed.pace.first_ms == 0.4
    assert timed.pace.further_ms == pytest.approx(0.05)
    assert load_codec(model_file, like=timed).pace is timed.pace


def test_every_decode_says_how_quick_the_decoder_is(
    qtbot: QtBot, background: Background, model_file: ModelFile
) -> None:
    decoding = Decoding(background)
    codec = load_codec(model_file).codec
    timed = TimedCodec(codec, Pace(1000.0, 1000.0))
    decoding.use(timed)
    pictures: list[Any] = []
    assert decoding.request("probe", np.zeros((1, 2)), lambda images, _: pictures.append(images))
    assert not pictures, "so slow a decoder is asked behind"
    qtbot.waitUntil(lambda: len(pictures) == 1)
    assert timed.pace.first_ms < 1000
    decoding.request("row", np.zeros((40, 2)), lambda images, _: pictures.append(images))
    qtbot.waitUntil(lambda: len(pictures) == 2)
    assert timed.pace.further_ms < 100
    quick = timed.pace.first_ms
    timed.pace.learn(1, 500.0)
    assert timed.pace.first_ms == quick, "what has taken longer once was disturbed"
