"""Lists of results are sorted and searched by the names that were frozen, and by an index of their campaign."""

from django.db import migrations, models

from movement.core.text import VnSearch, VnSort


class Migration(migrations.Migration):
    dependencies = [("classification", "0004_dossier"), ("core", "0001_vietnamese_text")]
    operations = [
        migrations.AddField(
            "assessment",
            "name_sort",
            models.GeneratedField(
                expression=VnSort("unit_name"), output_field=models.TextField(db_collation="C"), db_persist=True
            ),
        ),
        migrations.AddField(
            "assessment",
            "search",
            models.GeneratedField(expression=VnSearch("unit_name"), output_field=models.TextField(), db_persist=True),
        ),
        migrations.AddIndex(
            "assessment", models.Index(fields=["campaign", "name_sort", "id"], name="classification_assess_name")
        ),
    ]
