"""What is measured about the codes for the window: numbers for points, factors, directions, trust."""
