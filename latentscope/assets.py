"""Where the files that come with the program are: the shipped model and the icon.

In a clone they lie beside the packages; a wheel carries them inside this one.
"""

from pathlib import Path

__all__ = ["SHIPPED_MODEL", "assets_folder", "icon_paths", "shipped_model"]

SHIPPED_MODEL = "mnist-vae-2d.safetensors"
ICON_SIZES = (16, 32, 64, 128, 256, 512)


def assets_folder() -> Path:
    package = Path(__file__).resolve().parent
    inside = package / "assets"
    return inside if inside.is_dir() else package.parent / "assets"


def icon_paths() -> list[Path]:
    """The application's icon as PNG files, smallest first: Qt reads them without its SVG module."""
    return [assets_folder() / f"icon-{size}.png" for size in ICON_SIZES]


def shipped_model() -> Path | None:
    """The model that the window opens on; None where the program was installed without it."""
    path = assets_folder() / SHIPPED_MODEL
    return path if path.is_file() else None
