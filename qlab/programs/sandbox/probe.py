"""Which tier this machine can hold. Only the session tier is built so far; the stronger ones are tried here, best first."""

from qlab.programs.sandbox.session import SessionTier
from qlab.programs.sandbox.tier import Tier


def best() -> Tier:
    """The strongest tier that works here."""
    return SessionTier()
