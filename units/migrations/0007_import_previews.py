"""What somebody looks at of a file before it is written."""

import django.db.models.deletion
from django.db import migrations, models

import movement.core.ulid


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0002_jobs_files_decisions"),
        ("units", "0006_register_changes"),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportPreview",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "ulid",
                    models.CharField(default=movement.core.ulid.new_ulid, editable=False, max_length=26, unique=True),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("units", "danh sách đơn vị"), ("lineage", "danh sách sáp nhập")], max_length=10
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("reading", "Đang đọc"), ("ready", "Chờ xem"), ("refused", "Không đọc được")],
                        default="reading",
                        max_length=10,
                    ),
                ),
                ("as_of", models.DateField(null=True)),
                ("problems", models.JSONField(default=list)),
                ("written", models.JSONField(default=dict)),
                ("actor_id", models.BigIntegerField()),
                ("actor_name", models.CharField(max_length=200)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.storedfile"
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.job"
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="ImportLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("new", "Mới"),
                            ("changed", "Thay đổi"),
                            ("unsure", "Chưa chắc"),
                            ("conflict", "Xung đột"),
                            ("error", "Lỗi"),
                            ("same", "Không đổi"),
                            ("written", "Đã ghi"),
                        ],
                        max_length=10,
                    ),
                ),
                ("name", models.CharField(max_length=250)),
                ("code", models.CharField(blank=True, max_length=40)),
                ("unit_kind", models.CharField(blank=True, max_length=20)),
                ("place", models.CharField(blank=True, max_length=250)),
                ("changes", models.JSONField(default=list)),
                ("notes", models.JSONField(default=list)),
                ("candidates", models.JSONField(default=list)),
                ("choice", models.CharField(blank=True, max_length=26)),
                ("chosen", models.BooleanField(default=False)),
                ("seen", models.CharField(blank=True, max_length=16)),
                (
                    "preview",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="units.importpreview"
                    ),
                ),
            ],
            options={
                "ordering": ["preview", "line"],
            },
        ),
        migrations.AddIndex(
            model_name="importpreview",
            index=models.Index(fields=["actor_id", "-id"], name="units_preview_actor"),
        ),
        migrations.AddConstraint(
            model_name="importpreview",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["units", "lineage"]), ("state__in", ["reading", "ready", "refused"])),
                name="units_preview_known_state",
                violation_error_message="Trạng thái của bản xem trước không có trong danh mục.",
            ),
        ),
        migrations.AddIndex(
            model_name="importline",
            index=models.Index(fields=["preview", "state", "line"], name="units_importline_state"),
        ),
        migrations.AddConstraint(
            model_name="importline",
            constraint=models.UniqueConstraint(
                fields=("preview", "line"),
                name="units_importline_once",
                violation_error_message="Dòng này của tệp đã được đọc.",
            ),
        ),
        migrations.AddConstraint(
            model_name="importline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("chosen", False), ("state__in", ("new", "changed", "unsure", "conflict")), _connector="OR"
                ),
                name="units_importline_choosable",
                violation_error_message="Dòng này không chọn để ghi được.",
            ),
        ),
        migrations.AddConstraint(
            model_name="importline",
            constraint=models.CheckConstraint(
                condition=models.Q(("choice", ""), ("chosen", True), ("state", "unsure"), _negated=True),
                name="units_importline_chosen_is_sure",
                violation_error_message="Hãy chọn đơn vị cho dòng này trước.",
            ),
        ),
    ]
