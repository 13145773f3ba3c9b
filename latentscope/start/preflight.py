"""Can Qt start here? Looked at before Qt does, because Qt ends the process where it cannot.

Only Linux and its relatives need this. Every answer is one sentence that says what is wrong and what to do, or None.
Nothing here imports PySide6 before it is known that its libraries are there, and it costs some milliseconds where all
is well.
"""

import ctypes
import os
import socket
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

__all__ = ["display_problem", "font_problem", "library_problem", "packages_for"]

# What each system library of PySide6 is packaged in: Debian and Ubuntu, then Fedora.
QT_LIBRARIES = {
    "libglib-2.0.so.0": ("libglib2.0-0", "glib2"),
    "libgthread-2.0.so.0": ("libglib2.0-0", "glib2"),
    "libEGL.so.1": ("libegl1", "libglvnd-egl"),
    "libGL.so.1": ("libgl1", "libglvnd-glx"),
    "libxkbcommon.so.0": ("libxkbcommon0", "libxkbcommon"),
    "libdbus-1.so.3": ("libdbus-1-3", "dbus-libs"),
    "libfontconfig.so.1": ("libfontconfig1", "fontconfig"),
    "libfreetype.so.6": ("libfreetype6", "freetype"),
    "libX11.so.6": ("libx11-6", "libX11"),
    "libzstd.so.1": ("libzstd1", "libzstd"),
    "libz.so.1": ("zlib1g", "zlib"),
}
XCB_LIBRARIES = {
    "libX11-xcb.so.1": ("libx11-xcb1", "libX11-xcb"),
    "libxcb.so.1": ("libxcb1", "libxcb"),
    "libxcb-cursor.so.0": ("libxcb-cursor0", "xcb-util-cursor"),
    "libxcb-icccm.so.4": ("libxcb-icccm4", "xcb-util-wm"),
    "libxcb-image.so.0": ("libxcb-image0", "xcb-util-image"),
    "libxcb-keysyms.so.1": ("libxcb-keysyms1", "xcb-util-keysyms"),
    "libxcb-randr.so.0": ("libxcb-randr0", "libxcb"),
    "libxcb-render.so.0": ("libxcb-render0", "libxcb"),
    "libxcb-render-util.so.0": ("libxcb-render-util0", "xcb-util-renderutil"),
    "libxcb-shape.so.0": ("libxcb-shape0", "libxcb"),
    "libxcb-shm.so.0": ("libxcb-shm0", "libxcb"),
    "libxcb-sync.so.1": ("libxcb-sync1", "libxcb"),
    "libxcb-util.so.1": ("libxcb-util1", "xcb-util"),
    "libxcb-xfixes.so.0": ("libxcb-xfixes0", "libxcb"),
    "libxcb-xkb.so.1": ("libxcb-xkb1", "libxcb"),
    "libxkbcommon-x11.so.0": ("libxkbcommon-x11-0", "libxkbcommon-x11"),
}
WAYLAND_LIBRARIES = {
    "libwayland-client.so.0": ("libwayland-client0", "libwayland-client"),
    "libwayland-cursor.so.0": ("libwayland-cursor0", "libwayland-cursor"),
}
WITHOUT_WINDOW = "To draw a picture without a window, use --screenshot OUT.png."


def loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def packages_for(libraries: Iterable[str]) -> str:
    """How to install what holds these libraries, on the two large families of Linux."""
    known = QT_LIBRARIES | XCB_LIBRARIES | WAYLAND_LIBRARIES
    pairs = [known[library] for library in libraries]
    debian, fedora = (" ".join(dict.fromkeys(names)) for names in zip(*pairs, strict=True))
    return f"sudo apt install {debian} (Debian, Ubuntu) or sudo dnf install {fedora} (Fedora)"


def library_problem() -> str | None:
    """Why PySide6 cannot be imported; None where it can. Imports it where that works."""
    try:
        import PySide6.QtWidgets  # noqa: F401
    except ModuleNotFoundError as error:
        return f"Qt for Python is not installed ({error}); install Latentscope with pip, which brings it along."
    except ImportError as error:
        missing = [library for library in QT_LIBRARIES if not loads(library)] if sys.platform == "linux" else []
        if missing:
            return f"Qt cannot start because {_listed(missing)} cannot be loaded; run {packages_for(missing)}."
        return f"Qt cannot start: {error}."
    return None


def display_problem(environment: Mapping[str, str]) -> str | None:
    """Why Qt cannot open a window here; None where it can. Call it when PySide6 can be imported.

    Qt takes the platforms that ``QT_QPA_PLATFORM`` lists, else Wayland and X11 as far as there are signs of them, and
    goes on to the next where one fails. So it can start where any of them can.
    """
    if sys.platform != "linux":
        return None
    problems = []
    for platform in wanted_platforms(environment):
        if platform == "xcb":
            problem = xcb_problem(environment)
        elif platform.startswith("wayland"):
            problem = wayland_problem(environment)
        else:
            problem = None if platform in platform_plugins() else f"Qt has no platform '{platform}'"
        if problem is None:
            return None
        problems.append(problem)
    if not problems:
        return (
            "There is no display to open a window on: neither DISPLAY nor WAYLAND_DISPLAY is set. Start Latentscope "
            f"from a desktop session, or log in with ssh -X. {WITHOUT_WINDOW}"
        )
    return f"The window cannot be opened: {'; '.join(problems)}. {WITHOUT_WINDOW}"


def wanted_platforms(environment: Mapping[str, str]) -> list[str]:
    """The platforms that Qt will try, in no promised order."""
    asked = environment.get("QT_QPA_PLATFORM", "")
    if asked:
        return [name.split(":")[0] for name in asked.split(";") if name]
    found = []
    if environment.get("WAYLAND_DISPLAY") or environment.get("WAYLAND_SOCKET"):
        found.append("wayland")
    if environment.get("DISPLAY"):
        found.append("xcb")
    return found


def platform_plugins() -> dict[str, Path]:
    """Qt's platform plug-ins by their names, such as "xcb"."""
    from PySide6.QtCore import QLibraryInfo

    folder = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath)) / "platforms"
    return {path.stem.removeprefix("libq"): path for path in folder.glob("libq*.so")}


def xcb_problem(environment: Mapping[str, str]) -> str | None:
    """Why Qt's X11 plug-in would fail: a library that it needs, or the X server itself."""
    display = environment.get("DISPLAY", "")
    if not display:
        return "DISPLAY is not set, so there is no X server to talk to"
    problem = plugin_problem("xcb", "X11", XCB_LIBRARIES)
    if problem is None and not x_server_answers(display):
        return f"the X server at DISPLAY={display} does not answer; set DISPLAY to one that runs"
    return problem


def plugin_problem(start: str, title: str, libraries: Iterable[str]) -> str | None:
    """Why none of the plug-ins whose name begins with ``start`` can be loaded."""
    plugins = [path for name, path in platform_plugins().items() if name.startswith(start)]
    if not plugins:
        return f"Qt was installed without its {title} plug-in"
    # Loading the plug-in asks the very question that matters; only if that fails is it worth finding out which.
    if any(loads(str(path)) for path in plugins):
        return None
    missing = [library for library in libraries if not loads(library)]
    if missing:
        return f"{_listed(missing)} cannot be loaded, which Qt needs for {title}: run {packages_for(missing)}"
    return f"Qt's {title} plug-in {plugins[0]} cannot be loaded: run ldd on it to see what is missing"


def x_server_answers(display: str) -> bool:
    """Whether a connection, with the authority that Qt would use as well, is let in."""
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(os.fsencode(display), None)
    refused = bool(xcb.xcb_connection_has_error(connection))
    # A refused connection is an object too, and this frees it (or does nothing, where it is a static one).
    xcb.xcb_disconnect(connection)
    return not refused


def wayland_problem(environment: Mapping[str, str]) -> str | None:
    """Why Qt's Wayland plug-in would fail: no compositor listens, or a library that it needs."""
    if environment.get("WAYLAND_SOCKET"):  # an open connection, handed down by the compositor
        return plugin_problem("wayland", "Wayland", WAYLAND_LIBRARIES)
    name = environment.get("WAYLAND_DISPLAY") or "wayland-0"
    folder = environment.get("XDG_RUNTIME_DIR")
    if not os.path.isabs(name) and not folder:  # noqa: PTH117 (a socket's name, not a file of ours)
        return "XDG_RUNTIME_DIR is not set, so the Wayland compositor cannot be found"
    address = Path(folder or "/") / name
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            connection.connect(str(address))
        except OSError:
            return f"no Wayland compositor listens at {address}; set WAYLAND_DISPLAY to one that runs"
    return plugin_problem("wayland", "Wayland", WAYLAND_LIBRARIES)


def font_problem() -> str | None:
    """Why texts would be drawn as nothing at all. Call it when there is a QGuiApplication."""
    from PySide6.QtGui import QFont, QFontMetrics

    if QFontMetrics(QFont()).inFont("a"):  # QFontDatabase lists three families even where there is not one
        return None
    return (
        "No font is installed, so all texts will be missing; run sudo apt install fonts-dejavu-core (Debian, Ubuntu) "
        "or sudo dnf install dejavu-sans-fonts (Fedora)."
    )


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
