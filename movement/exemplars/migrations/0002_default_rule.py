"""Xuất sắc and Khá open the door unless a province says otherwise (design §7, ``exemplar_candidates``)."""

from datetime import date

from django.db import migrations


def forwards(apps, schema_editor):
    rules = apps.get_model("exemplars", "ExemplarRule").objects
    rules.create(province=None, classes=["xuat_sac", "kha"], valid=(date(2000, 1, 1), None))


class Migration(migrations.Migration):
    dependencies = [("exemplars", "0001_initial")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
