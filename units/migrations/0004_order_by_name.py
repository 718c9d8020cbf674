"""The first page of a province's register by name, without sorting all of it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("units", "0003_parent_check_by_index")]
    operations = [
        migrations.AddIndex("unitversion", models.Index(fields=["name_sort", "id"], name="units_version_name")),
    ]
