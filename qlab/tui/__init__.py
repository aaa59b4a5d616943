"""The full-screen interface: one screen a file, one bridge that runs flows in threads."""
