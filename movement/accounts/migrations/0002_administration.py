"""Deputies, declared ties, invitations, reviews, lists of accounts."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import movement.core.ulid

# A deputy has the role and the ground of whom they stand in for: one of the two pairs always has all three values.
DEPUTY_IS_EQUAL = """
CREATE UNIQUE INDEX accounts_assignment_by_unit ON accounts_assignment (id, role, unit_id);
CREATE UNIQUE INDEX accounts_assignment_by_group ON accounts_assignment (id, role, group_id);
ALTER TABLE accounts_assignment
  ADD CONSTRAINT accounts_assignment_deputy_unit FOREIGN KEY (deputy_for_id, role, unit_id)
      REFERENCES accounts_assignment (id, role, unit_id),
  ADD CONSTRAINT accounts_assignment_deputy_group FOREIGN KEY (deputy_for_id, role, group_id)
      REFERENCES accounts_assignment (id, role, group_id);
"""
DEPUTY_IS_FREE = """
ALTER TABLE accounts_assignment
  DROP CONSTRAINT accounts_assignment_deputy_unit, DROP CONSTRAINT accounts_assignment_deputy_group;
DROP INDEX accounts_assignment_by_unit; DROP INDEX accounts_assignment_by_group;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("core", "0003_match_key"),
        ("units", "0009_duplicates"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccountList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "ulid",
                    models.CharField(default=movement.core.ulid.new_ulid, editable=False, max_length=26, unique=True),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("accepted_at", models.DateTimeField(null=True)),
                ("made", models.JSONField(default=list)),
                ("handed_over_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="AccountReview",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "verdict",
                    models.CharField(
                        choices=[("kept", "giữ nguyên"), ("changed", "đã điều chỉnh"), ("ended", "đã kết thúc")],
                        max_length=10,
                        verbose_name="kết luận",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="ghi chú")),
                ("rights", models.JSONField(default=list)),
                ("reviewed_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="rà soát lúc")),
                ("reviewed_by_name", models.CharField(max_length=200, verbose_name="người rà soát")),
            ],
            options={
                "ordering": ["-reviewed_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code_hash", models.CharField(max_length=64, unique=True)),
                ("expires_at", models.DateTimeField(verbose_name="hết hạn lúc")),
                ("used_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("made_by", models.CharField(max_length=200)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="SealedSlips",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "ulid",
                    models.CharField(default=movement.core.ulid.new_ulid, editable=False, max_length=26, unique=True),
                ),
                ("users", models.JSONField(default=list)),
                ("public_key", models.BinaryField()),
                ("content", models.BinaryField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("fetched_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Tie",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("own", "đơn vị của tôi"), ("interest", "có quan hệ lợi ích")],
                        max_length=10,
                        verbose_name="lý do",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="ghi chú")),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField(verbose_name="hiệu lực")),
                ("cancelled_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.AddField(
            model_name="assignment",
            name="cancelled_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="assignment",
            name="deputy_for",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deputies",
                to="accounts.assignment",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.CheckConstraint(
                condition=models.Q(("deputy_for__isnull", True), ("valid__upper_inf", False), _connector="OR"),
                name="accounts_assignment_deputy_has_end",
                violation_error_message="Phân công thay phải có ngày kết thúc.",
            ),
        ),
        migrations.AddField(
            model_name="accountlist",
            name="actor",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="accountlist",
            name="file",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.storedfile"
            ),
        ),
        migrations.AddField(
            model_name="accountreview",
            name="reviewed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="accountreview",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="reviews", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="invitations", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="sealedslips",
            name="actor",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="sealedslips",
            name="job",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.job"
            ),
        ),
        migrations.AddField(
            model_name="tie",
            name="unit",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="units.unit"),
        ),
        migrations.AddField(
            model_name="tie",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="ties", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddIndex(
            model_name="accountreview",
            index=models.Index(fields=["user", "-reviewed_at"], name="accounts_review_latest"),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("used_at__isnull", True), ("withdrawn_at__isnull", True)),
                fields=("user",),
                name="accounts_invitation_one_open",
                violation_error_message="Tài khoản này đã có một mã mời còn mở.",
            ),
        ),
        migrations.AddConstraint(
            model_name="tie",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("cancelled_at__isnull", True)),
                expressions=[("user", "="), ("unit", "="), ("valid", "&&")],
                name="accounts_tie_no_overlap",
                violation_error_message="Đã khai quan hệ với đơn vị này trong khoảng thời gian đó.",
            ),
        ),
        migrations.AddConstraint(
            model_name="tie",
            constraint=models.CheckConstraint(
                condition=models.Q(("valid__isempty", False), ("valid__lower_inf", False)),
                name="accounts_tie_has_start",
                violation_error_message="Ngày kết thúc phải sau ngày bắt đầu.",
            ),
        ),
        migrations.RunSQL(DEPUTY_IS_EQUAL, DEPUTY_IS_FREE),
    ]
