"""The docks that say what the map shows: classes, layers, colours, factors."""
