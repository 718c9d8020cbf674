"""The same forms and papers in another language: numbers and dates stay as they are written in Vietnam."""

from ..vi.formats import *  # noqa: F403
