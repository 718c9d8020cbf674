"""The default decision tracks of design §4, as data a province may change.

Until 30/6/2025 a district decided on its communes (standard) and on the units it managed; since
1/7/2025 communes decide for residential areas and for the units they manage, the province for the
rest. Sources: Circular 124/2021/TT-BCA, Articles 9 and 10; for the movement's classes by analogy
(domain, classification.md §1.5), which is why these rows are settings.
"""

from datetime import date

from django.db import migrations

REFORM = date(2025, 7, 1)
SINCE = date(2000, 1, 1)
WORKPLACES = ("agency", "enterprise", "school")


def rows():
    for purpose in ("classification", "standard", "exemplar"):
        for level in ("commune", "district", "province"):
            yield purpose, "residential_area", level, "commune", "commune", (SINCE, None)
        commune_by = "district" if purpose == "standard" else "province"
        yield purpose, "commune", "district", "district", commune_by, (SINCE, REFORM)
        yield purpose, "commune", "province", "province", "province", (SINCE, None)
        yield purpose, "commune", "district", "province", "province", (REFORM, None)
        yield purpose, "district", "province", "province", "province", (SINCE, REFORM)
        for kind in WORKPLACES:
            yield purpose, kind, "commune", "commune", "commune", (SINCE, None)
            yield purpose, kind, "district", "district", "district", (SINCE, REFORM)
            yield purpose, kind, "district", "province", "province", (REFORM, None)
            yield purpose, kind, "province", "province", "province", (SINCE, None)
            ministry = "ministry" if purpose == "standard" else "province"
            yield purpose, kind, "ministry", "province", ministry, (SINCE, None)


def forwards(apps, schema_editor):
    Track = apps.get_model("classification", "DecisionTrack")
    Track.objects.bulk_create(
        Track(
            purpose=purpose,
            unit_kind=kind,
            managing_level=level,
            check_level=check,
            decide_level=decide,
            letterhead="people_committee" if purpose == "standard" else "committee",
            valid=valid,
        )
        for purpose, kind, level, check, decide, valid in rows()
    )


class Migration(migrations.Migration):
    dependencies = [("classification", "0002_frozen")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
