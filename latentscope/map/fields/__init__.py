"""What is drawn about the plane of the map: densities, classes, trust."""
