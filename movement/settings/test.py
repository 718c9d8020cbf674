"""The suite: real PostgreSQL and Valkey, cheap password hashes, no manifest."""

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
