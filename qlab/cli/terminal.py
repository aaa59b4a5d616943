"""What kind of terminal this is."""

import os
import sys


def wants_screen() -> bool:
    """True when a person sits at a terminal that can show the full-screen interface, and did not ask for plain lines."""
    return (
        sys.stdin.isatty()
        and sys.stdout.isatty()
        and os.environ.get("TERM", "dumb") != "dumb"
        and not os.environ.get("CI")
        and not os.environ.get("QLAB_PLAIN")
    )
