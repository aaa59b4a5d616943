"""The entry point: no arguments and a terminal open the full-screen interface, anything else is a command.

The choice is made before anything large is imported: neither side pays for the other.
"""

import sys

from qlab.cli.terminal import wants_screen


def main() -> None:
    """Run qlab and exit with a code of qlab.model.exits."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from importlib.metadata import version

        print(f"qlab {version('qlab')}")  # noqa: T201 - the answer
        return
    if not sys.argv[1:] and wants_screen():
        from qlab.tui.app import open_screen

        raise SystemExit(open_screen())
    from qlab.cli.app import run

    raise SystemExit(run())


if __name__ == "__main__":
    main()
