"""Processes that share out the suite do not meet in one server."""

import os

from django.db import connection


def test_a_process_works_on_the_servers_that_are_its_own(settings):
    area, worker = os.environ["PORTAL_DATA"], os.environ.get("PYTEST_XDIST_WORKER", "")

    assert str(settings.PORTAL_DATA) == area
    if worker:  # alone it may work on somebody else's servers
        assert str(connection.settings_dict["HOST"]).startswith(f"{area}/")
        assert f"{area}/" in settings.CELERY_BROKER_URL
        assert worker == "gw0" or os.path.basename(area) != "test"
