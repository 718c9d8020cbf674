"""Why a checker changed points, the number of minutes, and the year of a unit that ends before its tree date."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

NOTE = {"blank": True, "db_default": "", "default": "", "max_length": 500, "verbose_name": "lý do sửa điểm"}


class Migration(migrations.Migration):
    dependencies = [("classification", "0005_assessment_names")]
    operations = [
        migrations.AddField("score", "note", models.CharField(**NOTE)),
        migrations.AddField("adjustmentscore", "note", models.CharField(**NOTE)),
        migrations.AddField(
            "minutes",
            "number",
            models.CharField(blank=True, max_length=80, verbose_name="số biên bản", default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            "assessment", "closed_at", models.DateTimeField(null=True, verbose_name="kết thúc theo đơn vị")
        ),
        migrations.AddField(
            "assessment",
            "closed_reason",
            models.CharField(blank=True, max_length=500, verbose_name="lý do kết thúc", default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            "assessment",
            "heir",
            models.ForeignKey(
                "classification.assessment", django.db.models.deletion.PROTECT, null=True, related_name="attached"
            ),
        ),
        migrations.AddConstraint(
            "assessment",
            models.CheckConstraint(
                name="classification_assessment_closed",
                condition=Q(closed_at__isnull=True, heir__isnull=True, closed_reason="")
                | (Q(closed_at__isnull=False) & ~Q(closed_reason="") & ~Q(state="published")),
                violation_error_message="Kết thúc hồ sơ của đơn vị đã kết thúc phải ghi lý do.",
            ),
        ),
    ]
