"""The docker SDK, with a limit on every call and its errors told in our words. Imported when used: it costs 70 ms.

It is used where it knows what plain HTTP does not: how a person is logged in at a registry.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from qlab.engine.ask import Refused, broken
from qlab.engine.reach import Engine
from qlab.model.errors import EngineFailed

TIMEOUT = 60.0
"""Seconds the engine may be silent in one call that changes something."""


@contextmanager
def client(engine: Engine, doing: str, *, timeout: float = TIMEOUT) -> Iterator[Any]:
    """A `docker.APIClient` of its own for one task, closed afterwards; making one costs under a millisecond.

    `doing` completes "the Docker engine could not ...". Raises Refused, EngineAbsent or EngineFailed.
    """
    import docker
    from docker import errors
    from requests import exceptions as http_errors
    from urllib3.exceptions import HTTPError

    api = docker.APIClient(base_url=engine.host, version=engine.api, timeout=timeout)
    try:
        yield api
    except errors.APIError as error:
        said = error.explanation or str(error)
        if isinstance(said, bytes):
            said = said.decode(errors="replace")
        raise Refused(f"the Docker engine could not {doing}", found=str(said), status=error.status_code or 0) from error
    except (http_errors.RequestException, HTTPError, OSError) as error:
        raise broken(engine, doing, error) from error
    except errors.DockerException as error:
        raise EngineFailed(f"the Docker engine could not {doing}", found=str(error)) from error
    finally:
        api.close()
