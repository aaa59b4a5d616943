"""Asynq in Python, on Asynq's own wire format: a library of its own that imports nothing else of qlab. Empty until day 2 is written."""
