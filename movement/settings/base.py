"""What every installation shares. Values that differ come from the environment (README, "Settings")."""

from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlencode

import environ
from csp.constants import NONE, SELF
from whitenoise.compress import Compressor

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = environ.Env()

PORTAL_DATA = Path(env("PORTAL_DATA", default=str(BASE_DIR / ".data"))).resolve()
PORTAL_PORT = env.int("PORTAL_PORT", default=8000)

# --- Applications -----------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_filters",
    "django_htmx",
    "movement.audit",
    "movement.core",
    "movement.documents",
    "units",
    "movement.accounts",
    "movement.classification",
    "movement.exemplars",
    "awards",
    "reports",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "movement.accounts.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "movement.core.middleware.RequestMiddleware",
    "movement.accounts.middleware.PasswordChangeMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "movement.urls"
WSGI_APPLICATION = "movement.wsgi.application"
ASGI_APPLICATION = "movement.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "movement.core.context.portal",
            ],
            "builtins": ["movement.core.templatetags.vietnamese"],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- Database: two roles, the owner migrates and backs up, the app has no way to alter the trail ----
DATABASE_APP_ROLE = env("DATABASE_APP_ROLE", default="portal_app")
_database_url = env("DATABASE_URL", default="")
_owner_url = env("DATABASE_OWNER_URL", default=_database_url)
PORTAL_DB_ROLE = env("PORTAL_DB_ROLE", default="app")


def database(*, owner: bool) -> dict:
    """Django's settings for one of the two roles.

    With one address only, the app signs in as the owner and steps down to ``DATABASE_APP_ROLE``
    at once; with ``DATABASE_OWNER_URL`` beside it, the two sign in apart.
    """
    config = environ.Env.db_url_config(_owner_url if owner else _database_url)
    config["HOST"] = unquote(config.get("HOST") or "")  # a socket's folder comes as %2Fpath
    config |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, "ATOMIC_REQUESTS": False}
    options = ["-c timezone=UTC"]
    if not owner and _owner_url == _database_url:
        options.append(f"-c role={DATABASE_APP_ROLE}")
    config["OPTIONS"] = {**config.get("OPTIONS", {}), "options": " ".join(options)}
    return config


if _database_url:
    DATABASES = {"default": database(owner=PORTAL_DB_ROLE == "owner")}
else:  # commands that need no database (makemigrations --check, compile) still load
    DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "portal"}}

# --- Celery: carries the work; what is true stands in PostgreSQL ----------------------------------
REDIS_URL = env("REDIS_URL", default="redis://127.0.0.1:6379/0")


def broker(url: str) -> str:
    """kombu's address of what redis-py knows as ``url``.

    On a socket kombu takes the database's number from ``virtual_host`` and passes over redis-py's ``db``.
    """
    if not url.startswith("unix://"):
        return url
    address, _, query = url.removeprefix("unix://").partition("?")
    named = urlencode([("virtual_host" if name == "db" else name, value) for name, value in parse_qsl(query)])
    return f"redis+socket://{address}" + (f"?{named}" if named else "")


CELERY_BROKER_URL = broker(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "movement.core.tasks.run_part": {"queue": "reports"},
    "movement.core.tasks.run_merge": {"queue": "reports"},
}
CELERY_TIMEZONE = "Asia/Ho_Chi_Minh"

# --- Files ---------------------------------------------------------------------------------------
FILES_ROOT = Path(env("FILES_URL", default=f"file://{PORTAL_DATA / 'files'}").removeprefix("file://"))

# --- The trail: its seals leave the database too; syslog as /dev/log or host:port ---------------------
AUDIT_SEAL_FILE = env("AUDIT_SEAL_FILE", default=str(PORTAL_DATA / "audit" / "seals.jsonl"))
AUDIT_SEAL_SYSLOG = env("AUDIT_SEAL_SYSLOG", default="")

# --- Language, dates, numbers --------------------------------------------------------------------
LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["movement.core.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Ho_Chi_Minh"

# --- People who sign in --------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 14}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "movement.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": None}  # django-axes is the only lockout
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Phong trào TDBVANTQ"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "account/lockout.html"
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "movement.core.views.csrf_failure"

# --- Static files and what a page may load -------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = PORTAL_DATA / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(FILES_ROOT)}},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Compressing takes most of a first start: only the names that pages use, and no fonts (paper loads them from the source).
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "ttf")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
    }
}
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# --- Logs ----------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="WARNING")},
    "loggers": {"axes": {"level": "WARNING"}, "fontTools": {"level": "ERROR"}, "weasyprint": {"level": "ERROR"}},
}

# --- The portal's own ----------------------------------------------------------------------------
PORTAL_UPLOAD_LIMIT = env.int("PORTAL_UPLOAD_LIMIT", default=50 * 1024 * 1024)
