"""Who typed which units: lists of work leave those out, and should not read every score for it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("classification", "0006_note")]
    operations = [
        migrations.AddIndex(
            "score",
            models.Index(
                condition=models.Q(("stage", "self")),
                fields=["typed_by", "assessment"],
                name="classification_score_typed",
            ),
        ),
    ]
