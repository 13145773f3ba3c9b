"""The atlas: decoded images laid over the map, at any zoom."""
