"""One machine, nothing to configure: the demonstration and daily work."""

import os

from .base import *  # noqa: F403
from .base import PORTAL_DATA

DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", "testserver"]


def _secret_key() -> str:
    """A key of this data folder's own, made at the first start."""
    path = PORTAL_DATA / "secret-key"
    try:
        return path.read_text()
    except FileNotFoundError:
        PORTAL_DATA.mkdir(parents=True, exist_ok=True)
        from django.core.management.utils import get_random_secret_key

        key = get_random_secret_key()
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:  # another process was faster
            return path.read_text()
        with os.fdopen(handle, "w") as file:
            file.write(key)
        return key


SECRET_KEY = _secret_key()
