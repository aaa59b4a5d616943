"""Random values that are new in every run and the same for the same seed, so that no answer can be hard-coded and every failure repeats."""

import random

_SYLLABLES = ("ba", "ki", "lo", "mu", "ne", "pa", "ri", "so", "ta", "vu", "we", "zi")


class Fresh:
    """Values for one check."""

    def __init__(self, seed: str, check: str) -> None:
        self.random = random.Random(f"{seed}/{check}")
        self._given: set[str] = set()

    def word(self) -> str:
        """A pronounceable word not given before in this check."""
        while True:
            word = "".join(self.random.choice(_SYLLABLES) for _ in range(4))
            if word not in self._given:
                self._given.add(word)
                return word

    def id(self) -> str:
        """A short id not given before in this check, such as `j-tavuneri`."""
        return f"j-{self.word()}"

    def ids(self, count: int) -> list[str]:
        """So many ids."""
        return [self.id() for _ in range(count)]

    def email(self) -> str:
        """An address that can belong to nobody."""
        return f"{self.word()}@{self.word()}.example"
