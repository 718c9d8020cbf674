"""What a summary was frozen on, and the files that came out, are only ever appended by the role *app*."""

from django.conf import settings
from django.db import migrations

TABLES = "reports_snapshot, reports_snapshotrows, reports_reportfile"


def forwards(apps, schema_editor):
    role = schema_editor.quote_name(settings.DATABASE_APP_ROLE)
    schema_editor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {TABLES} FROM {role}")


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
