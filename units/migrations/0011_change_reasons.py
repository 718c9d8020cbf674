"""Why a unit is in scope all the same, as a change of the register wrote it, so that it can be taken back with it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("units", "0010_change_memberships")]
    operations = [migrations.AddField("registerchange", "reasons", models.JSONField(default=dict))]
