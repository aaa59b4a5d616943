"""Lab folders on disk become Lab: discovery, manifest, lesson, hints, lint."""
