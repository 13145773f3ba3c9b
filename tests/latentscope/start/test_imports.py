"""Imports as Python does them, whatever Qt has made of them."""

import builtins
import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

from latentscope.start.imports import import_plainly

PLAIN = getattr(builtins, "__orig_import__", builtins.__import__)  # under which PySide6 keeps Python's own


def test_pythons_own_import_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def curious(name: str, *rest: Any, **more: Any) -> Any:
        seen.append(name)
        return PLAIN(name, *rest, **more)

    monkeypatch.setattr(builtins, "__orig_import__", PLAIN, raising=False)
    monkeypatch.setattr(builtins, "__import__", curious)
    import_plainly()
    import colorsys  # noqa: F401

    assert builtins.__import__ is PLAIN and not seen


def test_a_qt_that_leaves_imports_alone_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builtins, "__import__", PLAIN)
    monkeypatch.delattr(builtins, "__orig_import__", raising=False)
    import_plainly()
    assert builtins.__import__ is PLAIN


def test_qt_knows_its_names_in_what_is_imported_afterwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builtins, "__import__", builtins.__import__)  # to be put back
    monkeypatch.syspath_prepend(tmp_path)
    source = "from PySide6.QtCore import QObject\n\nname = QObject().objectName()\n"
    (tmp_path / "imported_after_qt.py").write_text(source)
    import_plainly()
    try:
        assert importlib.import_module("imported_after_qt").name == ""
    finally:
        sys.modules.pop("imported_after_qt", None)
