"""What the database refuses: changing a scheme in use, a published result, or anything it rests on."""

from django.conf import settings
from django.db import migrations

SCHEME_IN_USE = """
CREATE FUNCTION classification_scheme_in_use() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    target bigint;
BEGIN
    IF TG_TABLE_NAME = 'classification_schemeversion' THEN
        target := OLD.id;
    ELSIF TG_OP = 'INSERT' THEN
        target := NEW.version_id;
    ELSE
        target := OLD.version_id;
    END IF;
    IF EXISTS (SELECT FROM public.classification_campaign WHERE version_id = target) THEN
        RAISE EXCEPTION 'Bộ tiêu chí đang được dùng trong một kỳ đánh giá nên không sửa được.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'classification_scheme_in_use';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END
$body$;
"""

SCHEME_TRIGGER = """
CREATE TRIGGER classification_scheme_in_use BEFORE {events} ON {table}
    FOR EACH ROW EXECUTE FUNCTION classification_scheme_in_use();
"""

PUBLISHED = """
CREATE FUNCTION classification_published_assessment() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'Kết quả đã công bố không sửa được; muốn thay đổi phải có quyết định mới.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'classification_published_frozen';
END
$body$;
CREATE TRIGGER classification_published_assessment BEFORE UPDATE OR DELETE ON classification_assessment
    FOR EACH ROW WHEN (OLD.state = 'published') EXECUTE FUNCTION classification_published_assessment();

-- One look for each statement, not for each row: an import writes hundreds of thousands of points.
CREATE FUNCTION classification_published_points() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF EXISTS (
        SELECT FROM changed c JOIN public.classification_assessment a ON a.id = c.assessment_id
         WHERE a.state = 'published'
    ) THEN
        RAISE EXCEPTION 'Kết quả đã công bố không sửa được; muốn thay đổi phải có quyết định mới.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'classification_published_frozen';
    END IF;
    RETURN NULL;
END
$body$;
"""

POINTS_TRIGGERS = """
CREATE TRIGGER {table}_frozen_insert AFTER INSERT ON {table} REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION classification_published_points();
CREATE TRIGGER {table}_frozen_update AFTER UPDATE ON {table} REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION classification_published_points();
CREATE TRIGGER {table}_frozen_delete AFTER DELETE ON {table} REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION classification_published_points();
"""

PARTS = ["criterion", "adjustment", "classband", "cap"]


def forwards(apps, schema_editor):
    schema_editor.execute(SCHEME_IN_USE)
    schema_editor.execute(SCHEME_TRIGGER.format(events="UPDATE OR DELETE", table="classification_schemeversion"))
    for part in PARTS:
        schema_editor.execute(
            SCHEME_TRIGGER.format(events="INSERT OR UPDATE OR DELETE", table=f"classification_{part}")
        )
    schema_editor.execute(PUBLISHED)
    for table in ("classification_score", "classification_adjustmentscore"):
        schema_editor.execute(POINTS_TRIGGERS.format(table=table))
    role = schema_editor.quote_name(settings.DATABASE_APP_ROLE)
    schema_editor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON classification_publishedresult FROM {role}")


class Migration(migrations.Migration):
    dependencies = [("classification", "0001_initial")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
