"""The Docker engine: where it is, its containers and images. The docker SDK's only home."""
