"""What the database refuses: a point outside its model's life, and changing what was decided."""

from django.conf import settings
from django.db import migrations

INSIDE = """
CREATE FUNCTION exemplars_outside_life(target bigint, life daterange) RETURNS text LANGUAGE sql STABLE AS $body$
    SELECT CASE
        WHEN EXISTS (SELECT FROM public.exemplars_modelstate s
                      WHERE s.model_id = target AND s.state = 'ended' AND s.valid && life)
            THEN 'exemplars_point_model_ended'
        WHEN NOT life <@ coalesce((SELECT pg_catalog.range_agg(s.valid) FROM public.exemplars_modelstate s
                                    WHERE s.model_id = target AND s.state IN ('launched', 'working', 'weak')),
                                  '{}'::datemultirange)
            THEN 'exemplars_point_inside_model'
    END
$body$;

CREATE FUNCTION exemplars_refuse_outside(met text) RETURNS void LANGUAGE plpgsql AS $body$
BEGIN
    IF met = 'exemplars_point_model_ended' THEN
        RAISE EXCEPTION 'Mô hình đã kết thúc; điểm phải kết thúc chậm nhất vào ngày cuối của mô hình.'
            USING ERRCODE = 'check_violation', CONSTRAINT = met;
    ELSIF met IS NOT NULL THEN
        RAISE EXCEPTION 'Thời gian của điểm phải nằm trong thời gian mô hình hoạt động, từ ngày ra mắt.'
            USING ERRCODE = 'check_violation', CONSTRAINT = met;
    END IF;
END
$body$;

CREATE FUNCTION exemplars_point_inside_model() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    PERFORM public.exemplars_refuse_outside(public.exemplars_outside_life(p.model_id, p.valid))
       FROM public.exemplars_point p WHERE p.id = NEW.id;
    RETURN NULL;
END
$body$;
CREATE CONSTRAINT TRIGGER exemplars_point_inside_model AFTER INSERT OR UPDATE ON exemplars_point
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION exemplars_point_inside_model();

CREATE FUNCTION exemplars_state_holds_points() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    PERFORM public.exemplars_refuse_outside(public.exemplars_outside_life(p.model_id, p.valid))
       FROM public.exemplars_point p WHERE p.model_id = OLD.model_id;
    RETURN NULL;
END
$body$;
CREATE CONSTRAINT TRIGGER exemplars_state_holds_points AFTER UPDATE OR DELETE ON exemplars_modelstate
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION exemplars_state_holds_points();
"""

FROM_RESULT = """
CREATE FUNCTION exemplars_exemplar_from_result() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF NOT EXISTS (SELECT FROM public.classification_publishedresult r
                    WHERE r.id = NEW.result_id AND r.unit_id = NEW.unit_id AND r.year = NEW.year - 1
                      AND r.purpose = 'classification' AND r.class_code = NEW.class_code) THEN
        RAISE EXCEPTION 'Điển hình phải được chọn từ kết quả phân loại đã công bố của năm trước.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'exemplars_exemplar_from_result';
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER exemplars_exemplar_from_result BEFORE INSERT OR UPDATE ON exemplars_exemplar
    FOR EACH ROW EXECUTE FUNCTION exemplars_exemplar_from_result();
"""


def forwards(apps, schema_editor):
    schema_editor.execute(INSIDE)
    schema_editor.execute(FROM_RESULT)
    role = schema_editor.quote_name(settings.DATABASE_APP_ROLE)
    schema_editor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON exemplars_exemplar, exemplars_exemplarnote FROM {role}")


class Migration(migrations.Migration):
    dependencies = [("exemplars", "0003_practice_models")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
