"""Celery works in the very database of the broker that ``REDIS_URL`` names."""

import os
from urllib.parse import parse_qsl, urlsplit

import pytest
import redis
from kombu import Connection

from movement.settings.base import broker


@pytest.fixture
def database():
    """A number and a client for a database of the broker that nobody else uses."""
    client = redis.Redis.from_url(in_database(15))
    client.flushdb()
    yield 15, client
    client.flushdb()
    client.close()


def in_database(number: int) -> str:
    url = urlsplit(os.environ["REDIS_URL"])
    if url.scheme == "unix":
        return f"unix://{url.netloc}{url.path}?db={number}"
    return url._replace(path=f"/{number}", query="").geturl()


def test_messages_lie_in_the_database_that_the_address_names(database):
    number, client = database
    with Connection(broker(in_database(number))) as connection, connection.SimpleQueue("numbered") as queue:
        queue.put("một")

    assert client.llen("numbered") == 1


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("unix:///run/valkey.sock?db=3", "redis+socket:///run/valkey.sock?virtual_host=3"),
        ("unix://user:secret@/run/valkey.sock?db=3", "redis+socket://user:secret@/run/valkey.sock?virtual_host=3"),
        ("unix:///run/valkey.sock", "redis+socket:///run/valkey.sock"),
        ("redis://:secret@valkey:6379/3", "redis://:secret@valkey:6379/3"),
        ("rediss://valkey:6380/3?ssl_cert_reqs=required", "rediss://valkey:6380/3?ssl_cert_reqs=required"),
    ],
)
def test_an_address_keeps_what_it_says(url, expected):
    assert broker(url) == expected


def test_jobs_and_their_workers_meet_in_the_same_database(settings):
    named = dict(parse_qsl(urlsplit(settings.REDIS_URL).query)).get("db", "0")
    if urlsplit(settings.REDIS_URL).scheme != "unix":
        named = urlsplit(settings.REDIS_URL).path.strip("/") or "0"

    with Connection(settings.CELERY_BROKER_URL) as connection:
        assert str(connection.default_channel.client.connection_pool.connection_kwargs["db"]) == named
