"""Servers that are not ours: a database or a broker named by the environment."""

import json
import os
import subprocess
from dataclasses import dataclass

from .console import LauncherError
from .installation import Installation

PROBE_DATABASE = """
import json, re, sys
import psycopg2
url = re.sub(r"^[a-z+]+://", "postgresql://", sys.stdin.read())
try:
    with psycopg2.connect(url, connect_timeout=10) as line, line.cursor() as cursor:
        cursor.execute("SELECT lower('Đ'), to_regclass('public.django_migrations') IS NOT NULL, "
                       "current_setting('server_version_num')::int")
        lower, migrated, version = cursor.fetchone()
        print(json.dumps({"lower": lower, "migrated": migrated, "version": version}))
except psycopg2.Error as error:
    print(json.dumps({"error": str(error).strip()}))
"""

PROBE_REDIS = """
import sys, redis
from redis.backoff import NoBackoff
from redis.retry import Retry
try:
    redis.Redis.from_url(sys.stdin.read(), retry=Retry(NoBackoff(), 0), socket_connect_timeout=10).ping()
except (redis.RedisError, ValueError) as error:
    print(error)
"""


@dataclass(frozen=True)
class External:
    installation: Installation

    def _probe(self, program: str, address: str) -> str:
        done = subprocess.run(
            [self.installation.python, "-c", program],
            input=address,
            capture_output=True,
            check=False,
            text=True,
            encoding="utf-8",
        )
        if done.returncode:
            raise LauncherError(f"The server named by the environment could not be asked:\n{done.stderr[-800:]}")
        return done.stdout.strip()

    def migrated(self) -> bool:
        """Whether the database was ever migrated; refuses one that the portal cannot work on."""
        found = json.loads(self._probe(PROBE_DATABASE, os.environ["DATABASE_URL"]))
        if "error" in found:
            raise LauncherError(f"The database named by DATABASE_URL does not answer: {found['error']}")
        if found["version"] < 150000:
            raise LauncherError("The database named by DATABASE_URL is older than PostgreSQL 15.")
        if found["lower"] != "đ":
            raise LauncherError(
                "The database named by DATABASE_URL does not know Vietnamese letters: lower('Đ') gives "
                f"“{found['lower']}” instead of “đ”, so names would not be found. Make it anew with a UTF-8 locale, "
                "for example: CREATE DATABASE portal TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';"
            )
        return found["migrated"]

    def check_redis(self) -> None:
        problem = self._probe(PROBE_REDIS, os.environ["REDIS_URL"])
        if problem:
            raise LauncherError(f"The server named by REDIS_URL does not answer: {problem}")
