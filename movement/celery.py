"""The Celery application; tasks live in each app's ``tasks.py``."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "movement.settings.production")
app = Celery("movement")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.add_defaults(
    {
        # A broker that is down or hangs must not hold up the page that enqueues: one try, then the sweeper.
        "broker_transport_options": {
            "socket_connect_timeout": 2,
            "socket_timeout": 3,
            "max_retries": 1,
            "interval_start": 0,
            "interval_step": 0.1,
        },
        "broker_connection_max_retries": None,  # a worker waits for its broker as long as it takes
        # One scheduler process sends these; an old message is worth nothing when the next is due.
        "beat_schedule": {
            "sweep": {
                "task": "movement.core.tasks.sweep",
                "schedule": 10.0,
                "options": {"expires": 10, "queue": "default"},
            },
            "seal": {
                "task": "movement.core.tasks.seal",
                "schedule": 10.0,
                "options": {"expires": 10, "queue": "default"},
            },
            "prove": {
                "task": "movement.core.tasks.prove",
                "schedule": 3600.0,
                "options": {"expires": 3600, "queue": "default"},
            },
        },
    }
)
app.autodiscover_tasks()
