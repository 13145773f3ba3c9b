"""Trainings: started, followed, remembered, and shown on the map as they go on."""
