"""The Django project, and the apps of the movement itself."""

from .celery import app as celery_app

__all__ = ["celery_app"]
