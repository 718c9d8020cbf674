"""What was proved, what was pruned, and the index for "what did this person do"."""

from importlib import import_module

from django.db import migrations, models

run = import_module("movement.audit.migrations.0001_roles_and_trail").run

# The statements are the owner's alone; proofs the app adds to.
RIGHTS = """
REVOKE UPDATE, DELETE, TRUNCATE ON audit_proof FROM {role};
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON audit_pruned FROM {role};
"""
INDEX = "CREATE INDEX audit_entry_actor ON audit_entry (actor_id, id) WHERE actor_id IS NOT NULL"


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_roles_and_trail")]

    operations = [
        migrations.CreateModel(
            name="Proof",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("seal_id", models.BigIntegerField()),
                ("digest", models.CharField(max_length=64)),
            ],
            options={"ordering": ["id"]},
        ),
        migrations.CreateModel(
            name="Pruned",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("actor_name", models.CharField(max_length=200)),
                ("month", models.DateField(verbose_name="tháng")),
                ("first_id", models.BigIntegerField()),
                ("last_id", models.BigIntegerField()),
                ("count", models.BigIntegerField()),
                ("seals", models.JSONField(default=list)),
                ("edges", models.JSONField(default=dict)),
                ("file_name", models.CharField(max_length=200)),
                ("sha256", models.CharField(max_length=64)),
                ("previous", models.CharField(blank=True, max_length=64)),
                ("digest", models.CharField(max_length=64)),
                ("signature", models.CharField(max_length=100)),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("month",), name="audit_pruned_month_once"),
                    models.UniqueConstraint(fields=("previous",), name="audit_pruned_chain"),
                    models.CheckConstraint(
                        condition=models.Q(("count__gt", 0), ("month__day", 1), ("sha256__regex", "^[0-9a-f]{64}$")),
                        name="audit_pruned_whole_month",
                    ),
                ],
            },
        ),
        migrations.RunSQL(INDEX, "DROP INDEX audit_entry_actor"),
        run(RIGHTS),
    ]
