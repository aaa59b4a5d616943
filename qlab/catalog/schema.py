"""What lab.toml and expect.toml may say. Checking, "did you mean" and the docs all come from these tables."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

FORMAT = 1
"""The newest format of lab.toml this version reads."""


class Kind(Enum):
    """What a value is, in the words an author reads."""

    TEXT = "a text in quotes"
    WHOLE = "a whole number"
    NUMBER = "a number"
    FLAG = "true or false"
    TEXTS = "a list of texts"
    TABLE = "a table"
    TABLES = "a list of tables"


@dataclass(frozen=True, slots=True)
class Shape:
    """How a text must look: a pattern for us, words for the author."""

    pattern: str
    words: str

    def fits(self, text: str) -> bool:
        """True when the whole text fits."""
        return re.fullmatch(self.pattern, text) is not None


@dataclass(frozen=True, slots=True)
class Key:
    """One key: what it holds and what it is for."""

    kind: Kind
    about: str
    required: bool = False
    least: float = 0
    """Smallest number, or fewest characters or entries."""
    shape: Shape | None = None
    """How the text, or each text of a list, must look."""
    one_of: tuple[str, ...] = ()
    """The only texts allowed; empty when any is."""
    inside: "Table | None" = None
    """What a table, or each table of a list, may hold."""


@dataclass(frozen=True, slots=True)
class Table:
    """The keys a table may hold."""

    keys: Mapping[str, Key] = field(default_factory=dict)
    others: Key | None = None
    """What a key of the author's own choosing holds, such as the name of a program; None when there are none."""
    names: Shape | None = None
    """How a key of the author's own choosing must look."""
    placeholder: str = "NAME"
    """What stands for such a key in the docs."""

    def walk(self, prefix: str = "") -> Iterator[tuple[str, Key]]:
        """Every key with its dotted path, such as `checks[].needs`, parents first."""
        entries = list(self.keys.items())
        if self.others is not None:
            entries.append((self.placeholder, self.others))
        for name, key in entries:
            path = f"{prefix}{name}"
            yield path, key
            if key.inside is not None:
                yield from key.inside.walk(path + ("[]." if key.kind is Kind.TABLES else "."))


LAB_ID = Shape(r"[a-z0-9][a-z0-9_-]*", "small letters, digits, - and _")
NAME = Shape(r"[a-z][a-z0-9_]*", "small letters, digits and _, with a letter first")
PROGRAM_NAME = Shape(r"[a-z][a-z0-9_-]*", "small letters, digits, - and _, with a letter first")
CHECK_ID = Shape(
    r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*",
    "<step>.<name>, each of small letters, digits and _, with a letter first",
)
VARIABLE = Shape(r"[A-Z][A-Z0-9_]*", "capital letters, digits and _, as environment variables are written")

SETTING = Table(
    {
        "default": Key(Kind.TEXT, "the value programs get unless a check gives another", required=True),
        "about": Key(Kind.TEXT, "what the setting means, with its unit", required=True, least=1),
    }
)

COMMAND = Table(
    {
        "run": Key(Kind.TEXTS, "the argument list that becomes the program itself", required=True, least=1),
        "build": Key(Kind.TEXTS, "the argument list that is run once before, offline"),
        "reads": Key(Kind.TEXTS, "folders outside the workspace that the language must be able to read"),
    }
)

PROGRAM = Table(
    {"about": Key(Kind.TEXT, "what the program does, in one line", required=True, least=1)},
    others=Key(Kind.TABLE, "how it is run in one language", inside=COMMAND),
    names=PROGRAM_NAME,
    placeholder="LANGUAGE",
)

STEP = Table(
    {
        "id": Key(Kind.TEXT, "the name of the step", required=True, shape=NAME),
        "kind": Key(Kind.TEXT, "what the learner does in it", required=True, one_of=("read", "practice", "project")),
        "title": Key(Kind.TEXT, "the line the learner reads", required=True, least=1),
        "page": Key(Kind.TEXT, "the Markdown page, as a path inside the lab", required=True, least=1),
        "programs": Key(Kind.TEXTS, "the programs the learner writes in it"),
    }
)

CHECK = Table(
    {
        "id": Key(Kind.TEXT, "`<step>.<name>`; its function is `test_<name>`", required=True, shape=CHECK_ID),
        "points": Key(Kind.WHOLE, "points for passing; 1 unless said"),
        "needs": Key(Kind.TEXTS, "checks that must pass first; else this one is blocked"),
        "alone": Key(Kind.FLAG, "true when nothing may run beside it, as it judges speed or parallelism"),
        "seconds": Key(Kind.NUMBER, "longest time it may take on a quiet machine; 60 unless said", least=1),
        "title": Key(Kind.TEXT, "only where the hidden half is not here; else the docstring is the title", least=1),
        "public": Key(Kind.FLAG, "true when the learner's half of a bundle carries it too"),
    }
)

LAB = Table(
    {
        "format": Key(Kind.WHOLE, f"the format of this file, {FORMAT} today", required=True, least=1),
        "id": Key(Kind.TEXT, "the name of the lab, the same as its folder's", required=True, shape=LAB_ID),
        "title": Key(Kind.TEXT, "the name a learner reads", required=True, least=1),
        "about": Key(Kind.TEXT, "one or two sentences for the list of labs", required=True, least=1),
        "part": Key(Kind.TEXT, "the heading under which it is listed", required=True, least=1),
        "minutes": Key(Kind.WHOLE, "how long a learner should plan for", required=True, least=1),
        "after": Key(Kind.TEXTS, "labs that should come first; advice, never a lock", shape=LAB_ID),
        "services": Key(Kind.TEXTS, "brokers it needs, such as `redis`", shape=PROGRAM_NAME),
        "libraries": Key(Kind.TEXTS, "distributions its Python programs may import"),
        "reference": Key(Kind.TEXT, "the correct submission shown after passing", least=1),
        "draft": Key(Kind.FLAG, "true while the lab is announced and not written: it is listed and cannot start"),
        "settings": Key(
            Kind.TABLE,
            "knobs the programs honour, passed as environment variables",
            inside=Table(others=Key(Kind.TABLE, "one setting", inside=SETTING), names=VARIABLE, placeholder="SETTING"),
        ),
        "programs": Key(
            Kind.TABLE,
            "the programs the learner writes",
            inside=Table(
                others=Key(Kind.TABLE, "one program", inside=PROGRAM), names=PROGRAM_NAME, placeholder="PROGRAM"
            ),
        ),
        "steps": Key(Kind.TABLES, "the steps, in the order of the learner's day", inside=STEP),
        "checks": Key(Kind.TABLES, "the lines of the verdict, in the order they are shown", inside=CHECK),
    }
)

EXPECT = Table(
    {
        "of": Key(Kind.TEXT, "the correct submission whose files it replaces", required=True, least=1),
        "why": Key(Kind.TEXT, "one sentence: what is wrong with it", required=True, least=1),
        "fails": Key(Kind.TEXTS, "the checks it must fail", required=True, least=1, shape=CHECK_ID),
        "words": Key(
            Kind.TABLE,
            "phrases the feedback must contain, by check",
            inside=Table(
                others=Key(Kind.TEXTS, "phrases in the feedback of this check"), names=CHECK_ID, placeholder="CHECK"
            ),
        ),
    }
)
