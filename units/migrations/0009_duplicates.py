"""Likely duplicates: names by what their spellings have in common, codes, and what was found not to be one."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Case, Q, Value, When

from movement.core.text import VnMatch

KINDS = ["province", "district", "commune"]


class Migration(migrations.Migration):
    dependencies = [("core", "0003_match_key"), ("units", "0007_import_previews")]
    operations = [
        migrations.AddField(
            "unitversion",
            "match",
            models.GeneratedField(
                expression=Case(
                    When(kind__in=KINDS, then=Value("")), default=VnMatch("name"), output_field=models.TextField()
                ),
                output_field=models.TextField(),
                db_persist=True,
            ),
        ),
        migrations.AddIndex(
            "unitversion",
            models.Index(
                fields=["parent", "kind", "match"],
                name="units_version_match",
                condition=Q(valid__upper_inf=True) & ~Q(match=""),
            ),
        ),
        migrations.AddIndex(
            "unit", models.Index(fields=["tax_code"], name="units_unit_tax", condition=~Q(tax_code=""))
        ),
        migrations.AddIndex(
            "unit", models.Index(fields=["school_code"], name="units_unit_school", condition=~Q(school_code=""))
        ),
        migrations.CreateModel(
            name="DuplicateVerdict",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=300, verbose_name="lý do")),
                ("by_id", models.BigIntegerField(null=True)),
                ("by_name", models.CharField(max_length=200, verbose_name="người xác nhận")),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="lúc")),
                (
                    "first",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="units.unit"),
                ),
                (
                    "second",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="units.unit"),
                ),
            ],
            options={
                "verbose_name": "xác nhận không trùng",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("first", "second"),
                        name="units_verdict_once",
                        violation_error_message="Hai đơn vị này đã được xác nhận là không trùng.",
                    ),
                    models.CheckConstraint(
                        condition=Q(first__lt=models.F("second")),
                        name="units_verdict_in_order",
                        violation_error_message="Một đơn vị không trùng với chính mình.",
                    ),
                    models.CheckConstraint(
                        condition=~Q(reason=""),
                        name="units_verdict_has_reason",
                        violation_error_message="Phải ghi lý do hai đơn vị không trùng.",
                    ),
                ],
            },
        ),
    ]
