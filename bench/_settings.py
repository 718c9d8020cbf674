"""The tests' settings with one more address: the view that saves are compared with."""

from movement.settings.test import *  # noqa: F403

ROOT_URLCONF = "bench._urls"
