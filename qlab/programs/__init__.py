"""Learners' programs run as processes of their own, where all they say is recorded."""
