"""The Docker engine: the only home of the docker SDK."""
