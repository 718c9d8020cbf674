"""Vietnamese text in SQL: folding, comparing, sorting and searching; ``movement.core.text`` says the same in Python.

Each function is a parsed body with schema-qualified names: what it calls is fixed when it is made, so
neither a search_path nor pg_restore can change what an index on it holds. Marks are taken off by
decomposition instead of the extension unaccent, whose rules file differs between versions.
"""

from django.db import migrations

EXTENSIONS = """
CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public;
CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA public;
"""

FUNCTIONS = r"""
-- Letters without any mark, đ as d: what somebody types who leaves the marks out.
CREATE FUNCTION public.vn_fold(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN pg_catalog.normalize(
    pg_catalog.translate(
        pg_catalog.normalize(pg_catalog.lower(pg_catalog.normalize(value, 'NFC')), 'NFD'),
        U&'\0111\0300\0301\0302\0303\0304\0306\0307\0308\0309\030A\030C\031B\0323\0327', 'd'),
    'NFC');

-- One spelling for what is written the same: case, spaces, and the tone of an open oa, oe, uy on its first vowel.
CREATE FUNCTION public.vn_norm(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN pg_catalog.normalize(
    pg_catalog.regexp_replace(
        pg_catalog.btrim(pg_catalog.regexp_replace(
            pg_catalog.normalize(pg_catalog.lower(pg_catalog.normalize(value, 'NFC')), 'NFD'),
            '[\t\n\v\f\r \u00a0\u2000-\u200b\u202f\u3000\ufeff]+', ' ', 'g')),
        '(?:(o)([ae])|(u)(y))([\u0300\u0301\u0303\u0309\u0323])(?![a-z\u0302\u0306\u031b])', '\1\3\5\2\4', 'g'),
    'NFC');

-- A name to compare by: vn_norm, words only, abbreviations written out.
CREATE FUNCTION public.vn_name(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN pg_catalog.btrim(pg_catalog.regexp_replace(
    pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(
    pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(
        '  ' || pg_catalog.regexp_replace(
            public.vn_norm(value), '[^0-9a-z\u00c0-\u024f\u1e00-\u1eff]+', '  ', 'g') || '  ',
        ' thpt ', ' trung học phổ thông '), ' thcs ', ' trung học cơ sở '), ' th ', ' tiểu học '),
        ' ubnd ', ' ủy ban nhân dân '), ' ctcp ', ' công ty cổ phần '), ' tnhh ', ' trách nhiệm hữu hạn '),
        ' bcđ ', ' ban chỉ đạo '), ' bcd ', ' ban chỉ đạo '),
    ' +', ' ', 'g'));

-- What the generated search column holds: the words with their marks, then without; each begins after a space.
CREATE FUNCTION public.vn_search(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ' ' || public.vn_name(value) || ' ' || public.vn_fold(public.vn_name(value));

-- Letters in the order of the alphabet, then one tone for each (none, huyền, hỏi, ngã, sắc, nặng); numbers by their
-- size. For COLLATE "C".
CREATE FUNCTION public.vn_sort(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN pg_catalog.translate(
        pg_catalog.regexp_replace(pg_catalog.regexp_replace(
            pg_catalog.lower(pg_catalog.normalize(value, 'NFC')),
            '([0-9]+)', '00000\1', 'g'), '0*([0-9]{6,})', '\1', 'g'),
        'aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệfghiìỉĩíịjklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvwxyỳỷỹýỵz',
        'AAAAAABBBBBBCCCCCCDEFGHHHHHHIIIIIIJKLMMMMMMNOPQRSSSSSSTTTTTTUUUUUUVWXYZaaaaaabbbbbbcdeffffffg')
    || pg_catalog.chr(1) ||
    pg_catalog.translate(
        pg_catalog.lower(pg_catalog.normalize(value, 'NFC')),
        'aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệfghiìỉĩíịjklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvwxyỳỷỹýỵz',
        '012345012345012345000001234501234500001234500000012345012345012345000000123450123450000123450');
"""

DROP = "".join(
    f"DROP FUNCTION public.vn_{name}(text);\n" for name in ("sort", "search", "name", "norm", "fold")
)  # the extensions stay: others may use them


class Migration(migrations.Migration):
    initial = True
    dependencies = [("audit", "0001_roles_and_trail")]

    operations = [
        migrations.RunSQL(EXTENSIONS, migrations.RunSQL.noop),
        migrations.RunSQL(FUNCTIONS, DROP),
    ]
