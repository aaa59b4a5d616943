"""The plain command line: renders events as lines or JSON."""
