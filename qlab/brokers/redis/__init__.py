"""Redis: its command line, its protocol, what it holds. Importing this opens no client library."""

from qlab.brokers.redis.spec import Redis

BROKER = Redis()
