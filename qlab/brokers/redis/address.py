"""A Redis URL taken apart: where to connect, how to log in."""

import socket
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from qlab.model.errors import UsageError

SCHEMES = ("redis", "rediss")


@dataclass(frozen=True, slots=True)
class Address:
    """What `redis://user:password@host:port/database` says; `rediss` means TLS."""

    host: str
    port: int
    tls: bool = False
    user: str = ""
    password: str = ""
    database: int = 0

    @classmethod
    def of(cls, url: str) -> "Address":
        """Take a URL apart. Raises UsageError; its words never repeat the URL, which may hold a password."""
        scheme, colons, _ = url.partition("://")
        if not colons or scheme.lower() not in SCHEMES:
            raise _not_redis(f"it begins with {scheme + '://'!r}" if colons else "it has no ://")
        try:
            parts = urlsplit(url)
            port = parts.port or 6379
            query = parse_qs(parts.query)
        except ValueError:
            raise _not_redis("its host or port cannot be read") from None
        if {"password", "username"} & query.keys():
            raise _not_redis("it has a user or password after the question mark")
        database = parts.path.strip("/") or query.get("db", ["0"])[0]
        if not database.isdecimal():
            raise _not_redis("what follows the port is not the number of a database")
        return cls(
            host=parts.hostname or "localhost",
            port=port,
            tls=scheme.lower() == "rediss",
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            database=int(database),
        )

    def connect(self, timeout: float) -> socket.socket:
        """An open connection. Raises OSError."""
        plain = socket.create_connection((self.host, self.port), timeout)
        try:
            # With nobody listening, TCP may join an attempt to its own source port: that is not a server.
            if plain.getsockname() == plain.getpeername():
                raise ConnectionRefusedError(f"nothing listens on port {self.port}")
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if not self.tls:
                return plain
            import ssl

            return ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise

    def greeting(self) -> list[tuple[str, ...]]:
        """The commands that log in and choose the database; empty for a plain local server."""
        words: list[tuple[str, ...]] = []
        if self.password:
            words.append(("AUTH", self.user, self.password) if self.user else ("AUTH", self.password))
        if self.database:
            words.append(("SELECT", str(self.database)))
        return words


def _not_redis(found: str) -> UsageError:
    return UsageError(
        "this is not the address of a Redis server",
        found=found,
        remedies=["write it as redis://HOST:PORT/0, or redis://:PASSWORD@HOST:PORT/0 (in a password, write / as %2F)"],
    )
