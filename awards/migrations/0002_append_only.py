"""The register is only added to: the app's role has no way to change or remove an entry or a revocation.

Of a revocation two columns may be filled in later: what came back.
"""

from django.conf import settings
from django.db import migrations


def forwards(apps, schema_editor):
    role = schema_editor.quote_name(settings.DATABASE_APP_ROLE)
    schema_editor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON awards_award, awards_revocation FROM {role}")
    schema_editor.execute(f"GRANT UPDATE (object_returned_on, money_returned) ON awards_revocation TO {role}")


class Migration(migrations.Migration):
    dependencies = [("awards", "0001_initial")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
