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
    elif not sys.argv[1:] and wants_screen():
        raise SystemExit(_open_screen())
    else:
        from qlab.cli.app import run

        raise SystemExit(run(_open_screen))


def _open_screen(lab: str | None = None) -> int:
    from qlab.tui.app import open_screen

    return open_screen(lab)


if __name__ == "__main__":
    main()
