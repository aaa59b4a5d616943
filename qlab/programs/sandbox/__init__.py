"""Isolation tiers: how far a learner's program is kept from everything else.

One file a tier; `tier.py` is the contract and the choice. Every report names the tier and the promises it keeps.
"""
