"""Production: refuses to start with an unsafe key, open hosts, or without its own servers."""

from django.core.exceptions import ImproperlyConfigured

from .base import *  # noqa: F403
from .base import env

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True

_problems = []
if DEBUG:
    _problems.append("DEBUG must be off")
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5 or SECRET_KEY.startswith("django-insecure-"):
    _problems.append("SECRET_KEY must be a random text of at least 50 characters")
if not ALLOWED_HOSTS or any(host.strip() in {"*", ".", ""} for host in ALLOWED_HOSTS):
    _problems.append("ALLOWED_HOSTS must name the portal's hosts, without *")
_problems += [f"{name} is not set" for name in ("DATABASE_URL", "REDIS_URL") if not env(name, default="")]
if _problems:
    raise ImproperlyConfigured("The portal does not start: " + "; ".join(_problems) + ".")
