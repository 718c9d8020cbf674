"""Let the parent check always go by index.

A session keeps the check's plan: one made while the table was small reads all of it for every row, and
loading the whole country in such a session took 205 s instead of 4.
"""

from django.db import migrations

FORWARDS = """
ALTER FUNCTION units_version_check(bigint) SET enable_seqscan = off;
ALTER FUNCTION units_version_after() SET enable_seqscan = off;
"""

BACKWARDS = """
ALTER FUNCTION units_version_check(bigint) RESET enable_seqscan;
ALTER FUNCTION units_version_after() RESET enable_seqscan;
"""


class Migration(migrations.Migration):
    dependencies = [("units", "0002_inside_parent")]
    operations = [migrations.RunSQL([FORWARDS], [BACKWARDS])]
