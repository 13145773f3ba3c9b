"""The tools of the map, in the order of the tool bar. To add one: write its file, add it here."""

from latentscope.map.tools.freehand import FreehandTool
from latentscope.map.tools.pan import PanTool
from latentscope.map.tools.path import PathTool
from latentscope.map.tools.probe import ProbeTool
from latentscope.map.tools.select import LassoTool, RectangleTool
from latentscope.map.tools.tool import Gesture, Tool

__all__ = ["TOOLS", "FreehandTool", "Gesture", "LassoTool", "PanTool", "PathTool", "ProbeTool", "RectangleTool", "Tool"]

TOOLS: tuple[Tool, ...] = (ProbeTool(), PathTool(), FreehandTool(), LassoTool(), RectangleTool(), PanTool())
