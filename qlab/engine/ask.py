"""Speak plain HTTP with the engine: one call costs a millisecond, where importing the SDK costs seventy.

Everything about containers goes this way, so that starting a broker costs what the engine costs. Images go through the
SDK (`client`), where seconds pass anyway.
"""

import http.client
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from qlab.engine.reach import Connection, Engine
from qlab.model.errors import EngineAbsent, EngineFailed

Query = Mapping[str, str | Sequence[str]]

TIMEOUT = 10.0
"""Seconds an engine may take for one small answer."""


class Refused(EngineFailed):
    """The engine answered with an error. `status` is its HTTP status, `found` its own words."""

    def __init__(self, what: str, *, found: str, status: int, remedies: Iterable[str] = ()) -> None:
        super().__init__(what, found=found, remedies=remedies)
        self.status = status


def ask(
    engine: Engine,
    method: str,
    path: str,
    query: Query | None = None,
    *,
    data: object = None,
    tar: Iterable[bytes] | None = None,
    timeout: float = TIMEOUT,
) -> Any:
    """The engine's answer: parsed if it is JSON, bytes if it is anything else.

    `data` is sent as JSON, `tar` in chunks as a tar stream. Raises Refused when the engine says no, EngineAbsent when
    it is gone, EngineFailed when it dies in the middle or is silent for `timeout` seconds.
    """
    with answer(engine, method, path, query, data=data, tar=tar, timeout=timeout) as response:
        raw = response.read()
        if not response.headers.get("Content-Type", "").startswith("application/json"):
            return raw
        return json.loads(raw) if raw.strip() else None


@contextmanager
def answer(
    engine: Engine,
    method: str,
    path: str,
    query: Query | None = None,
    *,
    data: object = None,
    tar: Iterable[bytes] | None = None,
    timeout: float = TIMEOUT,
) -> Iterator[http.client.HTTPResponse]:
    """The same, as a response to read piece by piece; what breaks while it is read is told as errors of ours too."""
    address = f"/v{engine.api}{path}" + (f"?{urlencode(query, doseq=True)}" if query else "")
    try:
        with Connection(engine.host, timeout) as connection:
            if tar is not None:
                headers = {"Content-Type": "application/x-tar", "Transfer-Encoding": "chunked"}
                connection.request(method, address, body=tar, headers=headers, encode_chunked=True)
            elif data is not None:
                connection.request(method, address, json.dumps(data).encode(), {"Content-Type": "application/json"})
            else:
                connection.request(method, address)
            response = connection.getresponse()
            if response.status >= http.client.BAD_REQUEST:
                said = _message(response.read())
                raise Refused(f"the Docker engine refused {method} {path}", found=said, status=response.status)
            yield response
    except (http.client.HTTPException, ConnectionError, TimeoutError, FileNotFoundError) as error:
        raise broken(engine, f"answer {method} {path}", error) from error


def broken(engine: Engine, doing: str, error: BaseException) -> EngineAbsent | EngineFailed:
    """The error for a conversation that broke off, by how it broke."""
    look = ["look at the engine: docker version", "then run the same command again: qlab picks up where things stand"]
    chain = f"{error!r}"
    if isinstance(error, FileNotFoundError | ConnectionRefusedError) or "FileNotFound" in chain or "refused" in chain:
        return EngineAbsent("the Docker engine is gone", found=f"nothing listens at {engine.host}", remedies=look)
    if isinstance(error, TimeoutError) or "timed out" in chain or "Timeout" in chain:
        return EngineFailed(
            "the Docker engine stopped answering", found=f"silent while asked to {doing}", remedies=look
        )
    return EngineFailed("the Docker engine died in the middle", found=f"hung up while asked to {doing}", remedies=look)


def _message(raw: bytes) -> str:
    """The engine's own words in an error answer."""
    text = raw.decode(errors="replace")
    try:
        return str(json.loads(text)["message"])
    except (ValueError, KeyError, TypeError):
        return text.strip()
