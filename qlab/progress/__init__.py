"""The append-only journal of attempts, and questions over it."""
