"""A version never outlives its parent's, lies on its parent's path, and below a parent of a right kind."""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION units_version_check(target bigint) RETURNS void LANGUAGE plpgsql AS $body$
DECLARE
    row units_unitversion%ROWTYPE;
    covered datemultirange;
    kinds text[];
BEGIN
    SELECT * INTO row FROM public.units_unitversion WHERE id = target;
    IF NOT FOUND THEN
        RETURN;  -- gone again within the transaction
    END IF;
    IF row.parent_id IS NULL THEN
        IF row.path <> '/' || row.unit_id || '/' THEN
            RAISE EXCEPTION 'Đường dẫn của đơn vị không khớp với vị trí của nó.'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'units_version_inside_parent';
        END IF;
        IF row.kind IN ('district', 'commune') THEN
            RAISE EXCEPTION 'Đơn vị hành chính phải thuộc một đơn vị cấp trên.'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'units_version_parent_kind';
        END IF;
        RETURN;
    END IF;
    SELECT range_agg(p.valid), array_agg(DISTINCT p.kind::text) INTO covered, kinds
      FROM public.units_unitversion p
     WHERE p.unit_id = row.parent_id AND p.valid && row.valid AND p.path || row.unit_id || '/' = row.path;
    IF covered IS NULL OR NOT covered @> row.valid THEN
        RAISE EXCEPTION 'Bản ghi của đơn vị vượt ra ngoài thời gian tồn tại hoặc vị trí của đơn vị cấp trên.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'units_version_inside_parent';
    END IF;
    IF NOT (kinds <@ CASE row.kind
        WHEN 'district' THEN ARRAY['province']
        WHEN 'commune' THEN ARRAY['district', 'province']
        WHEN 'residential_area' THEN ARRAY['commune', 'district']
        WHEN 'province' THEN ARRAY[]::text[]
        ELSE ARRAY['province', 'district', 'commune'] END)
    THEN
        RAISE EXCEPTION 'Loại đơn vị cấp trên không phù hợp.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'units_version_parent_kind';
    END IF;
END
$body$;

CREATE FUNCTION units_version_after() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    child bigint;
BEGIN
    IF TG_OP <> 'DELETE' THEN
        PERFORM public.units_version_check(NEW.id);
    END IF;
    IF TG_OP <> 'INSERT' THEN  -- what stood below must still be covered
        FOR child IN
            SELECT c.id FROM public.units_unitversion c WHERE c.parent_id = OLD.unit_id AND c.valid && OLD.valid
        LOOP
            PERFORM public.units_version_check(child);
        END LOOP;
    END IF;
    RETURN NULL;
END
$body$;

CREATE CONSTRAINT TRIGGER units_version_inside_parent
    AFTER INSERT OR DELETE OR UPDATE OF valid, parent_id, path, kind ON units_unitversion
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION units_version_after();
"""

BACKWARDS = """
DROP TRIGGER units_version_inside_parent ON units_unitversion;
DROP FUNCTION units_version_after();
DROP FUNCTION units_version_check(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("units", "0001_initial")]
    operations = [migrations.RunSQL([FORWARDS], [BACKWARDS])]
