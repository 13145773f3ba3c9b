"""The encoded points of the map, from ten to ten million."""
