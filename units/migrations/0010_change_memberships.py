"""What a change of the register did to memberships in groups, so that it can be taken back with it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("units", "0009_duplicates")]
    operations = [migrations.AddField("registerchange", "memberships", models.JSONField(default=list))]
