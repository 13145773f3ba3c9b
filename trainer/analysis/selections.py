"""A selection of encoded test images as files, a table (CSV) or arrays (.npz), written in steps, whole or not at all.

The generators do a piece of the work at each step, and give the share that is done; the file appears at the last one.
Who stops in between leaves none behind.
"""

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trainer.files import Codes
from trainer.outputs import check_suffix, write_output

__all__ = ["array_steps", "index_text", "table_steps"]

ROWS = 2048  # of the table, a step: some ten milliseconds
STEP_BYTES = 2**20  # of an array, a step


def index_text(index: NDArray[np.intp]) -> str:
    """The indices as text to paste into a script: "3, 14, 15"."""
    return ", ".join(map(str, index.tolist()))


def table_steps(
    path: Path, codes: Codes, index: NDArray[np.intp], class_names: tuple[str, ...], logvar: bool = False
) -> Iterator[float]:
    """A CSV file with a line an image: index, label, class, z0 …, and with ``logvar`` also logvar0 ….

    Numbers are written so that reading them gives the same 32-bit floats. Label and class are empty where the data has
    no labels. Raises OutputError.
    """
    check_suffix(path, ".csv", "Tables")
    numbers = [codes.mean] if codes.logvar is None or not logvar else [codes.mean, codes.logvar]
    data = io.BytesIO()  # encoded as it is written: a hundred megabytes at once would hold up everybody else
    text = io.TextIOWrapper(data, "utf-8", newline="")
    table = csv.writer(text, lineterminator="\n")
    names = (("z", "logvar")[i] + str(d) for i in range(len(numbers)) for d in range(codes.mean.shape[1]))
    table.writerow(["index", "label", "class", *names])
    for begin in range(0, len(index), ROWS):
        part = index[begin : begin + ROWS]
        values = np.concatenate([one[part] for one in numbers], axis=1).tolist()
        for i, row in zip(part.tolist(), values, strict=True):
            label = None if codes.labels is None else int(codes.labels[i])
            named = label is not None and 0 <= label < len(class_names)
            name = class_names[label] if named and label is not None else label
            table.writerow([i, label, name, *(f"{value:.9g}" for value in row)])
        yield min(begin + ROWS, len(index)) / (len(index) + 1)
    text.flush()
    write_output(path, data.getvalue())
    yield 1.0


def array_steps(
    path: Path, codes: Codes, index: NDArray[np.intp], class_names: tuple[str, ...], images: NDArray[np.uint8] | None
) -> Iterator[float]:
    """An .npz file with index (M,), mean (M, D), and what there is of labels (M,), logvar (M, D), tokens (M, h, w),
    images (M, H, W, C) and class_names (K,). It holds no objects. Raises OutputError.
    """
    check_suffix(path, ".npz", "Arrays")
    sources: dict[str, NDArray | None] = {
        "mean": codes.mean, "labels": codes.labels, "logvar": codes.logvar, "tokens": codes.tokens, "images": images,
    }  # fmt: skip
    there = {name: array for name, array in sources.items() if array is not None}
    total = sum(array[:1].nbytes * len(index) for array in there.values()) + 1
    done = 0
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        add_array(archive, "index", index.astype(np.int64))
        if class_names:
            add_array(archive, "class_names", np.array(class_names, np.str_))
        for name, array in there.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                shape = (len(index), *array.shape[1:])
                header = np.lib.format.header_data_from_array_1_0(array) | {"shape": shape, "fortran_order": False}
                np.lib.format.write_array_header_1_0(member, header)
                rows = max(1, STEP_BYTES // max(1, array[:1].nbytes))
                for begin in range(0, len(index), rows):
                    data = array[index[begin : begin + rows]].tobytes()
                    member.write(data)
                    done += len(data)
                    yield min(done / total, 0.99)
    write_output(path, buffer.getvalue())
    yield 1.0


def add_array(archive: zipfile.ZipFile, name: str, array: NDArray) -> None:
    with archive.open(f"{name}.npy", "w") as member:
        np.lib.format.write_array(member, array, allow_pickle=False)
