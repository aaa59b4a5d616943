"""Brokers come and go: which way each is had, started, found again, stopped."""
