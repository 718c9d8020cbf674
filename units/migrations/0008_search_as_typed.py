"""Names and codes by how they begin, for what is offered while somebody types."""

from django.contrib.postgres.indexes import OpClass
from django.db import migrations, models

from movement.core.text import FoldedHalf


class Migration(migrations.Migration):
    dependencies = [("units", "0005_parent_check_unsorted")]
    operations = [
        migrations.AddIndex(
            "unitversion",
            models.Index(OpClass(FoldedHalf("search"), "text_pattern_ops"), name="units_version_begins"),
        ),
        migrations.AddIndex(
            "unitversion", models.Index(OpClass("code", "text_pattern_ops"), name="units_version_code_begins")
        ),
    ]
