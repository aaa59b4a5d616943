"""A TOML file held against a schema. Every mistake names the file, the key, what was found and what is near."""

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qlab.catalog.schema import Key, Kind, Table
from qlab.model.errors import LabBroken
from qlab.model.nearest import nearest

_TYPES: dict[Kind, type | tuple[type, ...]] = {
    Kind.TEXT: str,
    Kind.WHOLE: int,
    Kind.NUMBER: (int, float),
    Kind.FLAG: bool,
    Kind.TEXTS: list,
    Kind.TABLE: dict,
    Kind.TABLES: list,
}


def read_text(file: Path, broken: type[LabBroken] = LabBroken) -> str:
    """The text of a file of a lab. Raises `broken` when it cannot be read or is not UTF-8, and says where."""
    try:
        # Some editors put a byte-order mark first; it means nothing in UTF-8.
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise broken(
            f"{file}: line {line} is not UTF-8",
            found=f"byte 0x{error.object[error.start]:02x}",
            remedies=["save the file as UTF-8"],
        ) from error
    except OSError as error:
        raise broken(f"{file}: cannot be read", found=error.strerror or str(error)) from error


def shown(value: object) -> str:
    """A value as the author wrote it, cut when long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else text[:77] + "..."


@dataclass(frozen=True, slots=True)
class Document:
    """A TOML file in memory, and how to complain about it."""

    file: Path
    values: dict[str, Any]
    broken: type[LabBroken]

    @classmethod
    def load(cls, file: Path, broken: type[LabBroken]) -> "Document":
        """Read a file; raises `broken` with the line when it is not TOML."""
        text = read_text(file, broken)
        try:
            return cls(file, tomllib.loads(text), broken)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise broken(f"{file}: is not TOML", found=str(error), remedies=["mend the line named above"]) from error

    def wrong(self, key: str, what: str, found: object, known: Iterable[str] = (), remedy: str = "") -> LabBroken:
        """The complaint about one key (dotted path); `found` is the value as read, `known` what it could have been."""
        known = list(known)
        near = nearest(found, known) if isinstance(found, str) else None
        remedies = [f"did you mean {shown(near)}?"] if near else []
        if known and not near:
            remedies.append("known: " + ", ".join(known))
        if remedy:
            remedies.append(remedy)
        return self.broken(f"{self.file}: {key}: {what}", found=shown(found), remedies=remedies)

    def missing(self, key: str, about: str) -> LabBroken:
        """The complaint about a key that is not there; `about` says what it is for."""
        return self.broken(f"{self.file}: {key}: is missing", found="nothing", remedies=[f"add it: {about}"])

    def check(self, table: Table) -> None:
        """Hold the whole file against a schema; raises for the first mistake."""
        self._table(self.values, table, "")

    def _table(self, values: Mapping[str, Any], table: Table, prefix: str) -> None:
        for name, value in values.items():
            path = f"{prefix}{name}"
            key = table.keys.get(name)
            if key is None and table.others is None:
                raise self._unknown(path, name, table)
            if key is None and table.others is not None:
                key = table.others
                # A mistyped key looks like a name of the author's own, but seldom holds a table.
                if not isinstance(value, _TYPES[key.kind]) and nearest(name, table.keys):
                    raise self._unknown(path, name, table)
                if table.names is not None and not table.names.fits(name):
                    raise self.wrong(path, f"this name must be {table.names.words}", name)
            assert key is not None
            self._value(value, key, path)
        for name, key in table.keys.items():
            if key.required and name not in values:
                raise self.missing(f"{prefix}{name}", key.about)

    def _unknown(self, path: str, name: str, table: Table) -> LabBroken:
        return self.wrong(path, "no such key", name, known=table.keys)

    def _value(self, value: Any, key: Key, path: str) -> None:
        fits = isinstance(value, _TYPES[key.kind])
        # To Python true is the number 1; to an author it is not.
        if not fits or (isinstance(value, bool) and key.kind is not Kind.FLAG):
            raise self.wrong(path, f"must be {key.kind.value}", value)
        size = value if key.kind in (Kind.WHOLE, Kind.NUMBER) else len(value) if isinstance(value, str | list) else None
        # `not >=` and not `<`, so that nan is refused too.
        if size is not None and not size >= key.least:
            least = f"must be at least {key.least:g}" if key.kind in (Kind.WHOLE, Kind.NUMBER) else "must not be empty"
            raise self.wrong(path, least, value)
        if key.kind is Kind.TEXT:
            self._text(value, key, path)
        elif key.kind is Kind.TEXTS:
            for index, text in enumerate(value):
                if not isinstance(text, str):
                    raise self.wrong(f"{path}[{index}]", "must be a text in quotes", text)
                self._text(text, key, f"{path}[{index}]")
        elif key.kind is Kind.TABLE and key.inside is not None:
            self._table(value, key.inside, f"{path}.")
        elif key.kind is Kind.TABLES and key.inside is not None:
            for index, entry in enumerate(value):
                if not isinstance(entry, dict):
                    raise self.wrong(f"{path}[{index}]", "must be a table", entry, remedy=f"write it as [[{path}]]")
                self._table(entry, key.inside, f"{path}[{index}].")

    def _text(self, text: str, key: Key, path: str) -> None:
        if key.one_of and text not in key.one_of:
            raise self.wrong(path, "must be one of " + ", ".join(key.one_of), text, known=key.one_of)
        if key.shape is not None and not key.shape.fits(text):
            raise self.wrong(path, f"must be {key.shape.words}", text)
