"""The suite: real PostgreSQL and Valkey, cheap password hashes, no manifest."""

import os
from pathlib import Path
from urllib.parse import parse_qsl, urlencode


def set_apart(worker: str) -> None:
    """Give the pytest-xdist worker ``gwN`` a broker database and folders of its own; its children inherit both.

    What PostgreSQL holds is apart already: pytest-django names the test database after the worker.
    """
    data = Path(os.environ["PORTAL_DATA"]) / worker
    (data / "static").mkdir(parents=True, exist_ok=True)  # nothing is collected, and WhiteNoise would warn
    address, _, query = os.environ["REDIS_URL"].partition("?")
    # redis-py takes ``db`` before a number in the path.
    options = dict(parse_qsl(query)) | {"db": int(worker.removeprefix("gw"))}
    if not address.startswith("unix:"):
        address = f"{address.rstrip('/').rpartition('/')[0]}/{options.pop('db')}"
    apart = {"PORTAL_DATA": str(data), "PORTAL_SET_APART": worker}
    apart["REDIS_URL"] = f"{address}?{urlencode(options)}" if options else address
    if "FILES_URL" in os.environ:
        apart["FILES_URL"] = f"{os.environ['FILES_URL']}/{worker}"
    os.environ |= apart


if "PYTEST_XDIST_WORKER" in os.environ and "PORTAL_SET_APART" not in os.environ:
    set_apart(os.environ["PYTEST_XDIST_WORKER"])

from .base import *  # noqa: E402, F403

DEBUG = False
SECRET_KEY = "only-for-tests"  # noqa: S105
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    **STORAGES,  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
AXES_ENABLED = True
AUDIT_SEAL_FILE = ""  # each test begins with an empty trail; the one about the file names its own
# The owner makes and empties the test database; the tests themselves run as the role app.
DATABASES["default"]["ENGINE"] = "tests.database"  # noqa: F405
