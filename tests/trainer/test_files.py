import errno
import json
import os
import signal
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from safetensors import safe_open
from safetensors.numpy import load, save

from trainer.config import make_config
from trainer.errors import ModelFileError
from trainer.files import FORMAT, Codes, ModelFile, read_model, write_model

finite = st.floats(width=32, allow_nan=False, allow_infinity=False)
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def floats(*shape: int) -> Any:
    return hnp.arrays(np.float32, shape, elements=finite)


@st.composite
def models(draw: st.DrawFn) -> ModelFile:
    latent = draw(st.integers(1, 5))
    class_names = tuple(draw(st.lists(names, max_size=4)))
    codes = None
    if count := draw(st.integers(0, 6)):
        labels = hnp.arrays(np.int64, count, elements=st.integers(0, max(len(class_names) - 1, 0)))
        codes = Codes(
            draw(floats(count, latent)),
            draw(st.none() | floats(count, latent)),
            draw(st.none() | labels) if class_names else None,
        )
    shapes = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3)
    weights = draw(st.dictionaries(names, hnp.arrays(np.float32, shapes, elements=finite), min_size=1, max_size=4))
    config = make_config({"latent": latent, "epochs": draw(st.integers(1, 9)), "beta": draw(st.floats(0, 1000))})
    shape = (draw(st.integers(1, 2048)), draw(st.integers(1, 2048)), draw(st.sampled_from([1, 3])))
    record = draw(st.dictionaries(names, names | st.integers() | st.lists(st.booleans(), max_size=3), max_size=3))
    figures = draw(st.dictionaries(names, st.floats(allow_nan=False, allow_infinity=False), max_size=3))
    return ModelFile(config, shape, class_names, weights, codes, record, figures)


def small_model() -> ModelFile:
    rng = np.random.default_rng(0)

    def normal(*shape: int) -> Any:
        return rng.normal(size=shape).astype(np.float32)

    weights = {"decoder.0.weight": normal(4, 3), "decoder.0.bias": np.ones(4, np.float32)}
    codes = Codes(normal(5, 3), normal(5, 3), np.array([0, 1, 1, 0, 1]))
    config = make_config({"latent": 3, "seconds": 60})
    return ModelFile(config, (8, 8, 1), ("nought", "one"), weights, codes, {"data": "digits"}, {"negative_elbo": 12.5})


def small_bytes(tmp_path: Path) -> bytes:
    write_model(tmp_path / "small.safetensors", small_model())
    return (tmp_path / "small.safetensors").read_bytes()


def same(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    return bool(one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes())


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(models())
def test_what_is_written_is_read(tmp_path: Path, model: ModelFile) -> None:
    path = tmp_path / "model.safetensors"
    write_model(path, model)
    read = read_model(path)
    assert (read.config, read.image_shape, read.class_names) == (model.config, model.image_shape, model.class_names)
    assert (read.record, read.figures) == (model.record, model.figures)
    assert read.weights.keys() == model.weights.keys()
    assert all(same(read.weights[name], model.weights[name]) for name in model.weights)
    assert (read.codes is None) == (model.codes is None)
    if read.codes is not None and model.codes is not None:
        assert all(same(getattr(read.codes, part), getattr(model.codes, part)) for part in ("mean", "logvar", "labels"))


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_file_is_refused_or_still_a_model(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(small_bytes(tmp_path))
    if data.draw(st.booleans(), "truncate"):
        del content[data.draw(st.integers(0, len(content) - 1), "length") :]
    for _ in range(data.draw(st.integers(0, 4), "flips")):
        if content:
            # Half of them into the header, where they do most harm.
            last = min(data.draw(st.sampled_from([8, len(content)]), "last"), len(content) - 1)
            content[data.draw(st.integers(0, last), "at")] = data.draw(st.integers(0, 255), "byte")
    path = tmp_path / "damaged.safetensors"
    path.write_bytes(content)
    tracemalloc.start()
    try:
        read = read_model(path)
    except ModelFileError as error:
        check_sentence(error, path.name)
    else:
        assert read.weights
        assert all(np.isfinite(weight).all() for weight in read.weights.values())
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 5_000_000


def check_sentence(error: BaseException, name: str) -> None:
    text = str(error)
    assert name in text
    assert text.endswith(".")
    assert len(text) < 400
    assert "\n" not in text


def test_a_header_whose_length_looks_like_a_pickle_is_read(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    model = small_model()
    for padding in range(0, 300, 2):  # the header's length takes every value modulo 256 that padding to 8 leaves
        write_model(path, replace(model, record={"padding": "x" * padding}))
        if path.read_bytes()[0] == 0x80:
            break
    assert path.read_bytes()[0] == 0x80
    assert read_model(path).config == model.config


# --- headers that lie ---------------------------------------------------------------------------------------------


def rewritten(tmp_path: Path, change: Callable[[dict[str, Any], dict[str, Any], dict[str, np.ndarray]], None]) -> Path:
    """The small model's file with its description (parsed), safetensors metadata and tensors changed."""
    content = small_bytes(tmp_path)
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    metadata, tensors = header["__metadata__"], load(content)
    description = json.loads(metadata["latentscope"])
    change(description, metadata, tensors)
    if "latentscope" in metadata:
        metadata["latentscope"] = json.dumps(description)
    path = tmp_path / "model.safetensors"
    path.write_bytes(save(tensors, metadata))
    return path


NAN, INF = np.float32("nan"), np.float32("inf")
FAULTS: dict[str, tuple[Callable[[Any, Any, Any], object], str]] = {
    "another program": (lambda d, m, t: m.pop("latentscope"), "is a safetensors file of another program"),
    "newer": (lambda d, m, t: d.update(format=FORMAT + 1), "was made by a newer version of Latentscope .*update"),
    "no format": (lambda d, m, t: d.pop("format"), "does not say which format"),
    "odd format": (lambda d, m, t: d.update(format=True), "does not say which format"),
    "no config": (lambda d, m, t: d.pop("config"), "no proper 'config'"),
    "record": (lambda d, m, t: d.update(record=[1]), "no proper 'record'"),
    "huge latent": (lambda d, m, t: d["config"].update(latent=10**9), "make no sense: Latent dimension"),
    "huge layers": (lambda d, m, t: d["config"].update(hidden=[10**9] * 4), "make no sense: Layer widths"),
    "unknown setting": (lambda d, m, t: d["config"].update(magic=1), "There is no setting 'magic'"),
    "unknown family": (lambda d, m, t: d["config"].update(family="gan"), "There is no family 'gan'"),
    "huge images": (lambda d, m, t: d.update(image_shape=[10**6, 10**6, 1]), "impossible shape, 1000000×1000000×1"),
    "four channels": (lambda d, m, t: d.update(image_shape=[8, 8, 4]), "impossible shape"),
    "two sides": (lambda d, m, t: d.update(image_shape=[8, 8]), "impossible shape"),
    "sides in words": (lambda d, m, t: d.update(image_shape=["8", 8, 1]), "impossible shape"),
    "NaN weight": (lambda d, m, t: t["weights.decoder.0.bias"].put(1, NAN), "not numbers .*0.bias'"),
    "infinite weight": (lambda d, m, t: t["weights.decoder.0.bias"].put(1, INF), "not numbers .*0.bias'"),
    "no weights": (lambda d, m, t: [t.pop(n) for n in list(t) if n.startswith("weights")], "holds no weights"),
    "whole weights": (lambda d, m, t: t.update({"weights.a": np.ones(2, np.int64)}), "'weights.a' that is not F32"),
    "double weights": (lambda d, m, t: t.update({"weights.a": np.ones(2)}), "keeps 'weights.a' as F64"),
    "foreign tensor": (lambda d, m, t: t.update({"other": np.ones(2, np.float32)}), "does not belong .*'other'"),
    "codes of other dimension": (lambda d, m, t: t.update({"codes.mean": np.ones((5, 2), "f4")}), r"\(points, 3\)"),
    "flat codes": (lambda d, m, t: t.update({"codes.mean": np.ones(5, np.float32)}), "codes of shape"),
    "no codes": (lambda d, m, t: t.update({"codes.mean": np.ones((0, 3), np.float32)}), "codes of shape"),
    "codes without means": (lambda d, m, t: t.pop("codes.mean"), "codes without their means"),
    "fewer log-variances": (lambda d, m, t: t.update({"codes.logvar": np.ones((4, 3), np.float32)}), "log-variances"),
    "fewer labels": (lambda d, m, t: t.update({"codes.labels": np.zeros(4, np.int64)}), "one label for each code"),
    "unknown label": (lambda d, m, t: t["codes.labels"].put(0, 2), "labels that name none of its 2 classes"),
    "negative label": (lambda d, m, t: t["codes.labels"].put(0, -1), "labels that name none"),
    "labels, no classes": (lambda d, m, t: d.update(class_names=[]), "labels that name none of its 0 classes"),
    "class names": (lambda d, m, t: d.update(class_names=[1, 2]), "class names that are no names"),
    "too many classes": (lambda d, m, t: d.update(class_names=["a"] * 20_000), "more than 10,000 classes"),
    "figures": (lambda d, m, t: d["figures"].update(kl="low"), "figures that are not numbers"),
}


def test_points_that_could_not_be_encoded_are_counted_and_the_others_kept(tmp_path: Path) -> None:
    def spoil(description: Any, metadata: Any, tensors: Any) -> None:
        tensors["codes.mean"][1, 0], tensors["codes.mean"][3] = NAN, -INF
        tensors["codes.logvar"][4, 2] = INF

    codes = read_model(rewritten(tmp_path, spoil)).codes
    assert codes is not None
    assert codes.left_out == 3
    assert np.isfinite(codes.mean).all(axis=1).tolist() == [True, False, True, False, False]
    path = tmp_path / "again.safetensors"
    write_model(path, replace(small_model(), codes=codes))
    again = read_model(path).codes
    assert again is not None
    assert np.array_equal(again.mean, codes.mean, equal_nan=True)
    assert Codes(np.full((2, 3), 3e38, np.float32)).left_out == 0, "whose sum is infinite, but they are not"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_model_that_lies_is_refused_in_one_sentence(tmp_path: Path, fault: str) -> None:
    change, words = FAULTS[fault]
    path = rewritten(tmp_path, lambda *parts: (change(*parts), None)[1])
    with pytest.raises(ModelFileError, match=words) as caught:
        read_model(path)
    check_sentence(caught.value, path.name)


def test_sixteen_bit_weights_and_codes_are_widened(tmp_path: Path) -> None:
    def narrow(_: Any, __: Any, tensors: dict[str, np.ndarray]) -> None:
        for name in list(tensors):
            tensors[name] = tensors[name].astype(np.int16 if name == "codes.labels" else np.float16)

    read, model = read_model(rewritten(tmp_path, narrow)), small_model()
    assert read.codes is not None
    assert model.codes is not None
    assert same(read.codes.labels, model.codes.labels)
    pairs = [
        (read.codes.mean, model.codes.mean),
        *((read.weights[name], model.weights[name]) for name in model.weights),
    ]
    assert all(same(got, kept.astype(np.float16).astype(np.float32)) for got, kept in pairs)


def test_what_is_read_can_be_changed(tmp_path: Path) -> None:
    write_model(tmp_path / "a.safetensors", small_model())
    weights = read_model(tmp_path / "a.safetensors").weights
    weights["decoder.0.bias"] += 1
    assert weights["decoder.0.bias"][0] == 2


def test_other_programs_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    write_model(path, small_model())
    with safe_open(path, "numpy") as file:
        assert set(file.keys()) == {f"weights.decoder.0.{part}" for part in ("weight", "bias")} | {
            f"codes.{part}" for part in ("mean", "logvar", "labels")
        }
        assert json.loads(file.metadata()["latentscope"])["format"] == FORMAT


# --- the disk -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "words"), [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "the disk is read-only")]
)
def test_a_disk_that_refuses_keeps_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    path = tmp_path / "a.safetensors"
    write_model(path, small_model())
    old = path.read_bytes()

    def refuse(_: int) -> None:
        raise OSError(number, "no")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        with pytest.raises(ModelFileError, match=f"^a.safetensors was not saved in .*, because {words}\\.$"):
            write_model(path, replace(small_model(), record={"new": True}))
    assert path.read_bytes() == old
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.safetensors"]


def test_a_missing_folder_and_a_name_that_is_too_long(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="because there is no such file or folder"):
        write_model(tmp_path / "missing" / "a.safetensors", small_model())
    with pytest.raises(ModelFileError, match="was not saved"):
        write_model(tmp_path / ("x" * 400), small_model())


BAD = {
    "NaN weight": replace(small_model(), weights={"a": np.array([NAN])}),
    "double weight": replace(small_model(), weights={"a": np.ones(2)}),  # type: ignore[dict-item]
    "NaN figure": replace(small_model(), figures={"kl": float("nan")}),
    "record": replace(small_model(), record={"when": object()}),
    "NaN in the record": replace(small_model(), record={"speed": float("inf")}),
    "codes": replace(small_model(), codes=Codes(np.ones((5, 2), np.float32))),
    "shape": replace(small_model(), image_shape=(0, 8, 1)),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_model_that_could_not_be_read_is_not_written(tmp_path: Path, fault: str) -> None:
    with pytest.raises(ModelFileError, match=r"^a\.safetensors was not written, because .*\.$"):
        write_model(tmp_path / "a.safetensors", BAD[fault])
    assert not any(tmp_path.iterdir())


KILLED = """
import sys
from dataclasses import replace
from trainer.files import read_model, write_model
path = sys.argv[1]
model = read_model(path)
for number in range(1_000_000):
    write_model(path, replace(model, record={"number": number}))
    print(number, flush=True)
"""


def test_a_writer_that_is_killed_leaves_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    big = {"a": np.zeros(500_000, np.float32)}
    write_model(path, replace(small_model(), weights=big))
    for _ in range(2):
        with subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            for _ in range(3):
                number = int(writer.stdout.readline())
            time.sleep(0.002)
            writer.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
        assert read_model(path).record["number"] >= number
