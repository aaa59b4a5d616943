"""Runs the hidden checks in a child, reads its report pipe, decides the verdict. Default deny."""
