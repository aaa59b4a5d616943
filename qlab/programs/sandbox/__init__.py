"""Isolation tiers: how far a learner's program is kept from everything else."""
