"""Where Qt cannot start, one sentence says what helps; Qt, which would end the process, is not even asked."""

import ctypes
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from latentscope.start import preflight

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has these platforms")
NOWHERE = ":4294"  # no X server counts its displays this far


def without(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Make some libraries impossible to load, and with them Qt's plug-ins for a display."""
    load = ctypes.CDLL

    def cdll(name: str, *args: Any, **kwargs: Any) -> Any:
        if any(part in str(name) for part in (*names, "libqxcb", "libqwayland")):
            raise OSError(f"{name}: cannot open shared object file")
        return load(name, *args, **kwargs)

    monkeypatch.setattr(ctypes, "CDLL", cdll)


@linux_only
def test_without_a_display_it_says_what_to_set() -> None:
    problem = preflight.display_problem({})
    assert problem is not None
    for hint in ("DISPLAY", "WAYLAND_DISPLAY", "ssh -X", "--screenshot"):
        assert hint in problem


@pytest.mark.parametrize("platform", ["offscreen", "minimal", "offscreen:size=10x10", "nonsense;offscreen"])
def test_a_platform_that_needs_no_display_is_fine_without_one(platform: str) -> None:
    assert preflight.display_problem({"QT_QPA_PLATFORM": platform}) is None


@linux_only
def test_an_unknown_platform_is_named() -> None:
    assert "no platform 'nonsense'" in str(preflight.display_problem({"QT_QPA_PLATFORM": "nonsense"}))


@linux_only
def test_missing_x11_libraries_are_named_with_their_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "libxcb-cursor", "libxcb-icccm")
    problem = str(preflight.display_problem({"DISPLAY": ":0"}))
    assert "sudo apt install libxcb-cursor0 libxcb-icccm4 (Debian, Ubuntu)" in problem
    assert "sudo dnf install xcb-util-cursor xcb-util-wm (Fedora)" in problem


@linux_only
def test_an_x_server_that_is_gone_is_named() -> None:
    if not preflight.loads("libxcb.so.1") or not preflight.loads(str(preflight.platform_plugins()["xcb"])):
        pytest.skip("the libraries of X11 are not installed here")
    assert f"DISPLAY={NOWHERE} does not answer" in str(preflight.display_problem({"DISPLAY": NOWHERE}))


@linux_only
def test_a_wayland_compositor_that_is_gone_is_named(tmp_path: Path) -> None:
    environment = {"WAYLAND_DISPLAY": "wayland-9", "XDG_RUNTIME_DIR": str(tmp_path)}
    assert str(tmp_path / "wayland-9") in str(preflight.display_problem(environment))
    assert "XDG_RUNTIME_DIR is not set" in str(preflight.display_problem({"WAYLAND_DISPLAY": "wayland-9"}))


@linux_only
def test_missing_wayland_libraries_are_named_with_their_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "libwayland-cursor")
    if not preflight.loads("libwayland-client.so.0"):
        pytest.skip("the other library of Wayland is not installed here")
    problem = str(preflight.display_problem({"WAYLAND_SOCKET": "7"}))
    assert "libwayland-cursor.so.0 cannot be loaded, which Qt needs for Wayland" in problem
    assert "sudo apt install libwayland-cursor0 (Debian, Ubuntu)" in problem


@linux_only
def test_a_wayland_compositor_that_listens_is_enough_whatever_display_says(tmp_path: Path) -> None:
    if preflight.plugin_problem("wayland", "Wayland", preflight.WAYLAND_LIBRARIES) is not None:
        pytest.skip("the libraries of Wayland are not installed here")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(tmp_path / "w"))
        server.listen()
        environment = {"WAYLAND_DISPLAY": "w", "XDG_RUNTIME_DIR": str(tmp_path), "DISPLAY": NOWHERE}
        assert preflight.display_problem(environment) is None


@linux_only
def test_missing_libraries_of_qt_itself_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "libEGL", "libxkbcommon.so")
    monkeypatch.setattr("builtins.__import__", _failing_import)
    problem = str(preflight.library_problem())
    assert "libEGL.so.1 and libxkbcommon.so.0 cannot be loaded" in problem
    assert "sudo apt install libegl1 libxkbcommon0 (Debian, Ubuntu)" in problem


_import = __import__


def _failing_import(name: str, *args: Any, **kwargs: Any) -> Any:
    if name == "PySide6.QtWidgets":
        raise ImportError("libEGL.so.1: cannot open shared object file: No such file or directory")
    return _import(name, *args, **kwargs)


def test_where_all_is_well_nothing_is_said(qapp: object) -> None:
    assert preflight.library_problem() is None
    assert preflight.font_problem() is None


@linux_only
@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({}, "There is no display to open a window on"),
        ({"DISPLAY": NOWHERE}, "The window cannot be opened"),
        ({"WAYLAND_DISPLAY": "wayland-9"}, "The window cannot be opened"),
        ({"QT_QPA_PLATFORM": "xcb"}, "DISPLAY is not set"),
    ],
)
def test_the_program_ends_with_one_sentence_and_no_abort(environment: dict[str, str], words: str) -> None:
    result = run_latentscope(environment)
    assert result.returncode == 1
    assert words in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""


@linux_only
def test_an_x_server_that_answers_is_good_enough(tmp_path: Path) -> None:
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed")
    if not preflight.loads(str(preflight.platform_plugins()["xcb"])):
        pytest.skip("the libraries of X11 are not installed here")
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL) as server, os.fdopen(read) as ready:
        os.close(write)
        try:
            display = f":{ready.readline().strip()}"
            assert preflight.display_problem({"DISPLAY": display}) is None
        finally:
            server.terminate()


def run_latentscope(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    graphical = ("DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "QT_QPA_PLATFORM", "XDG_RUNTIME_DIR")
    rest = {name: value for name, value in os.environ.items() if name not in graphical}
    command = [sys.executable, "-m", "latentscope", *arguments]
    return subprocess.run(command, env=rest | environment, capture_output=True, text=True, timeout=120)
