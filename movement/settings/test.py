"""The suite: real PostgreSQL and Valkey, cheap password hashes, no manifest."""

import json
import os

if "PYTEST_XDIST_WORKER" in os.environ and "PORTAL_TEST_AREAS" in os.environ:
    # Each process of the suite has servers and folders of its own (deploy/launcher/testing.py): a broker's queues and
    # the database's oldest running transaction, for which the trail's seals wait, are a whole server's. What it starts
    # inherits them; the process that shares out the tests leaves the list for its workers to find.
    areas = json.loads(os.environ.pop("PORTAL_TEST_AREAS"))
    os.environ |= areas[int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw"))]

from .base import *  # noqa: F403

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
