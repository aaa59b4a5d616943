"""Random values: new in every run, the same for the same seed, never twice in one check."""

from qlab.checkkit.fresh import Fresh


def values(seed: str, check: str = "a.b") -> list[str]:
    fresh = Fresh(seed, check)
    return [*fresh.ids(50), fresh.word(), fresh.email(), str(fresh.random.random())]


def test_the_same_seed_gives_the_same_values() -> None:
    assert values("s1") == values("s1")


def test_another_seed_or_another_check_gives_others() -> None:
    assert not set(values("s1")) & set(values("s2"))
    assert not set(values("s1")) & set(values("s1", "a.c"))


def test_nothing_is_given_twice() -> None:
    fresh = Fresh("s", "c")
    ids = fresh.ids(3_000)
    assert len(set(ids)) == 3_000


def test_mail_goes_to_nobody() -> None:
    assert Fresh("s", "c").email().endswith(".example")
