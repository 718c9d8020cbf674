"""What two spellings of one name have in common, in SQL; ``movement.core.text.match_key`` says the same in Python."""

from django.db import migrations

SHORT = {
    "cty": "cong ty", "cp": "co phan", "tm": "thuong mai", "dv": "dich vu", "mtv": "mot thanh vien",
    "dntn": "doanh nghiep tu nhan", "htx": "hop tac xa", "hdnd": "hoi dong nhan dan",
    "ubmttq": "uy ban mat tran to quoc", "mn": "mam non", "tdp": "to dan pho", "kdc": "khu dan cu", "kv": "khu vuc",
    "kp": "khu pho",
}  # fmt: skip
ONES = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
ROMAN = {("x" * (number // 10)) + ONES[number % 10]: str(number) for number in range(1, 40)}


def replaced(text: str, words: dict[str, str]) -> str:
    """``text`` with whole words replaced; each stands between two spaces of its own."""
    for word, other in words.items():
        text = f"pg_catalog.replace({text}, ' {word} ', ' {other} ')"
    return text


# Words apart from figures, zeros before a figure gone, each word between two spaces.
WORDS = r"""'  ' || pg_catalog.replace(pg_catalog.btrim(pg_catalog.regexp_replace(pg_catalog.regexp_replace(pg_catalog.regexp_replace(
        public.vn_fold(public.vn_name(value)), '([0-9]+)', ' \1 ', 'g'), '(?<![0-9])0+(?=[0-9])', '', 'g'),
        ' +', ' ', 'g')), ' ', '  ') || '  '"""
PLAIN = rf"pg_catalog.regexp_replace({replaced(WORDS, SHORT)}, '([bcdghklmnprstvx])y', '\1i', 'g')"
FORWARDS = rf"""
CREATE FUNCTION public.vn_match(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN pg_catalog.regexp_replace(pg_catalog.regexp_replace(
    pg_catalog.btrim(pg_catalog.regexp_replace({replaced(PLAIN, ROMAN)}, ' +', ' ', 'g')),
    '\mtruong (?=(tieu hoc|trung hoc|trung cap|pho thong|mam non|mau giao|cao dang|dai hoc|lien cap)\M)|\mso (?=[0-9])', '', 'g'),
    '(?<![0-9]) | (?![0-9])', '', 'g');
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0002_jobs_files_decisions")]
    operations = [migrations.RunSQL([FORWARDS], ["DROP FUNCTION public.vn_match(text);"])]
