"""Guided changes of the register; and what lineage may say, checked at the end of the transaction.

A successor exists on the day it takes over; a unit that went over whole has ended by then; no two units follow each
other on one day, and no chain of folded duplicates ends where it began. Also when a version changes later.
"""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

import movement.core.ulid

# Plans of these checks are kept by the session: by index always, as migration 0003 says.
FORWARDS = """
CREATE FUNCTION units_lineage_check(target bigint) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off AS $body$
DECLARE
    link units_lineage%ROWTYPE;
BEGIN
    SELECT * INTO link FROM public.units_lineage WHERE id = target;
    IF NOT FOUND THEN
        RETURN;  -- gone again within the transaction
    END IF;
    IF link.kind <> 'duplicate' AND NOT EXISTS (
        SELECT FROM public.units_unitversion v WHERE v.unit_id = link.successor_id AND v.valid @> link.on)
    THEN
        RAISE EXCEPTION 'Đơn vị kế thừa phải tồn tại vào ngày quan hệ kế thừa có hiệu lực.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'units_lineage_successor_there';
    END IF;
    IF link.share = 'whole' AND link.kind IN ('merge', 'rename', 'duplicate') AND EXISTS (
        SELECT FROM public.units_unitversion v
         WHERE v.unit_id = link.predecessor_id AND (upper(v.valid) IS NULL OR upper(v.valid) > link.on))
    THEN
        RAISE EXCEPTION 'Đơn vị đã nhập hoặc đổi thành đơn vị khác phải kết thúc trước ngày đơn vị kế thừa tiếp nhận.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'units_lineage_predecessor_ended';
    END IF;
    IF NOT EXISTS (
        SELECT FROM public.units_lineage l WHERE l.predecessor_id = link.successor_id
           AND (l.on = link.on OR (l.kind = 'duplicate' AND link.kind = 'duplicate')))
    THEN
        RETURN;  -- nearly all; the walk is dear even where it is short
    END IF;
    IF EXISTS (
        WITH RECURSIVE ahead (unit_id) AS (
            SELECT link.successor_id
            UNION
            SELECT l.successor_id FROM ahead a JOIN public.units_lineage l ON l.predecessor_id = a.unit_id
             WHERE l.on = link.on OR (l.kind = 'duplicate' AND link.kind = 'duplicate'))
        SELECT FROM ahead WHERE unit_id = link.predecessor_id)
    THEN
        RAISE EXCEPTION 'Quan hệ kế thừa đi thành vòng.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'units_lineage_no_cycle';
    END IF;
END
$body$;

CREATE FUNCTION units_lineage_after() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    PERFORM public.units_lineage_check(NEW.id);
    RETURN NULL;
END
$body$;

CREATE CONSTRAINT TRIGGER units_lineage_holds AFTER INSERT OR UPDATE ON units_lineage
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION units_lineage_after();

CREATE FUNCTION units_lineage_version_after() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $body$
DECLARE
    link bigint;
BEGIN
    IF TG_OP <> 'DELETE' THEN
        FOR link IN
            SELECT l.id FROM public.units_lineage l
             WHERE l.predecessor_id = NEW.unit_id AND (upper(NEW.valid) IS NULL OR upper(NEW.valid) > l.on)
        LOOP
            PERFORM public.units_lineage_check(link);
        END LOOP;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        FOR link IN
            SELECT l.id FROM public.units_lineage l WHERE l.successor_id = OLD.unit_id AND OLD.valid @> l.on
        LOOP
            PERFORM public.units_lineage_check(link);
        END LOOP;
    END IF;
    RETURN NULL;
END
$body$;

-- Asked as the row is written: lineage that comes later is checked itself. A load queues nothing.
CREATE FUNCTION units_has_successor(unit bigint) RETURNS boolean LANGUAGE plpgsql STABLE
SET enable_seqscan = off AS $body$
BEGIN
    RETURN EXISTS (SELECT FROM public.units_lineage l WHERE l.predecessor_id = unit);
END
$body$;

CREATE CONSTRAINT TRIGGER units_lineage_version_added AFTER INSERT ON units_unitversion
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (public.units_has_successor(NEW.unit_id))
    EXECUTE FUNCTION units_lineage_version_after();

CREATE CONSTRAINT TRIGGER units_lineage_version_changed AFTER UPDATE OF valid, unit_id ON units_unitversion
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.valid IS DISTINCT FROM NEW.valid OR OLD.unit_id <> NEW.unit_id)
    EXECUTE FUNCTION units_lineage_version_after();

CREATE CONSTRAINT TRIGGER units_lineage_version_gone AFTER DELETE ON units_unitversion
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION units_lineage_version_after();
"""

BACKWARDS = """
DROP TRIGGER units_lineage_version_added ON units_unitversion;
DROP TRIGGER units_lineage_version_changed ON units_unitversion;
DROP TRIGGER units_lineage_version_gone ON units_unitversion;
DROP TRIGGER units_lineage_holds ON units_lineage;
DROP FUNCTION units_has_successor(bigint);
DROP FUNCTION units_lineage_version_after();
DROP FUNCTION units_lineage_after();
DROP FUNCTION units_lineage_check(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("units", "0008_search_as_typed")]

    operations = [
        migrations.CreateModel(
            name="RegisterChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "ulid",
                    models.CharField(default=movement.core.ulid.new_ulid, editable=False, max_length=26, unique=True),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("create", "thêm đơn vị"),
                            ("rename", "đổi tên, đổi mã"),
                            ("move", "chuyển địa bàn"),
                            ("level", "chuyển cấp quản lý"),
                            ("close", "kết thúc"),
                            ("reopen", "mở lại"),
                            ("merge", "sáp nhập"),
                            ("split", "chia tách"),
                            ("fold", "gộp bản ghi trùng"),
                            ("lineage", "danh sách sáp nhập"),
                        ],
                        max_length=10,
                    ),
                ),
                ("on", models.DateField(verbose_name="ngày có hiệu lực")),
                ("decision", models.CharField(blank=True, max_length=200, verbose_name="văn bản quyết định")),
                ("decided_on", models.DateField(blank=True, null=True, verbose_name="ngày quyết định")),
                ("reason", models.TextField(blank=True, verbose_name="lý do")),
                ("sentence", models.TextField(verbose_name="nội dung")),
                ("touched", models.JSONField()),
                (
                    "unit_ids",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                (
                    "created_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                (
                    "lineage_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("actor_id", models.BigIntegerField(null=True)),
                ("actor_name", models.CharField(max_length=200, verbose_name="người thực hiện")),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="thời điểm")),
                ("undone_at", models.DateTimeField(blank=True, null=True, verbose_name="hoàn tác lúc")),
                ("undone_by_id", models.BigIntegerField(null=True)),
                ("undone_by_name", models.CharField(blank=True, max_length=200, verbose_name="người hoàn tác")),
                ("undone_reason", models.TextField(blank=True, verbose_name="lý do hoàn tác")),
                ("idempotency_key", models.CharField(editable=False, max_length=60, null=True, unique=True)),
                (
                    "province",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="units.unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "thay đổi danh bạ",
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fields=["unit_ids"], name="units_change_units"),
                    models.Index(fields=["province", "-id"], name="units_change_province"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "create",
                                    "rename",
                                    "move",
                                    "level",
                                    "close",
                                    "reopen",
                                    "merge",
                                    "split",
                                    "fold",
                                    "lineage",
                                ],
                            )
                        ),
                        name="units_change_known_kind",
                        violation_error_message="Loại thay đổi không có trong danh mục.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("undone_at", None), ("undone_by_name", "")),
                            models.Q(("undone_at__isnull", False), models.Q(("undone_by_name", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="units_change_undone_by_somebody",
                        violation_error_message="Việc hoàn tác phải ghi người hoàn tác.",
                    ),
                ],
            },
        ),
        migrations.AlterModelOptions("unitgroupmember", {"verbose_name": "thành viên cụm, khối thi đua"}),
        migrations.RunSQL([FORWARDS], [BACKWARDS]),
    ]
