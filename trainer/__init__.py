"""The headless engine of Latentscope: data, models, fitting, evaluation, geometry and files.

Nothing in this package knows of Qt or of the window. ``errors``, ``config``, ``files`` and ``run`` need no
torch either, so that a window can draw a map before torch is loaded.
"""

__version__ = "0.1.0"
