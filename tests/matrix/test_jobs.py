"""Jobs ask again for the rights of who wanted them: a right that was taken away meanwhile gives nothing."""

import contextlib
import io

import pytest
from django.utils import timezone

from movement.accounts.models import AccountList
from movement.accounts.services.slips import KIND as SLIPS
from movement.accounts.services.slips import slips_ask
from movement.core.enums import JobState
from movement.core.files import file_keep
from movement.core.jobs import JobFailed, _handlers, job_create
from movement.core.listings import KIND as LISTING
from movement.core.models import Job, StoredFile
from movement.core.problems import Refused
from tests.factories.ground import account
from tests.factories.units import csv_bytes, line
from units.import_models import ImportPreview
from units.models import UnitVersion
from units.services.previews import JOB as IMPORT
from units.services.previews import READ, WRITE, preview_create

from .asking import table
from .world import Place, Province, kept

pytestmark = pytest.mark.django_db
# What becomes of each kind when its asker has lost the right before it runs. Of the last two the result belongs to the
# decision or the province, not to the asker: the pages that hand it over ask everybody (expected.txt).
OUTCOMES = {
    LISTING: "refused, or only what may still be seen",
    IMPORT: "nothing written",
    SLIPS: "refused, no code made",
    "awards.certificates": "made for the decision",
    "reports.year": "made for the province",
}


@pytest.fixture
def place(settings, tmp_path):
    settings.FILES_ROOT = tmp_path
    return Place(Province("Trung Tâm", "92"), "A")


def lost(user):
    """Every assignment is over; the account as a worker reads it."""
    user.assignments.update(cancelled_at=timezone.now())
    return type(user).objects.get(pk=user.pk)


def run(kind, job):
    """What a worker does; the job is its own by then."""
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, started_at=timezone.now())
    return _handlers[kind].merge(job)


def test_every_kind_of_job_is_known_here():
    assert {kind for kind in _handlers if not kind.startswith("tests.")} == set(OUTCOMES)
    pages = table()
    for name in ("awards:certificates_file", "reports:file"):
        inside, outside, group, nobody = pages[name, "GET"].split()
        assert "+" in inside and "+" not in outside + group + nobody


@pytest.mark.parametrize(
    ("listing", "role"), [("trail", "auditor"), ("accounts.review", "admin"), ("awards.persons", "staff")]
)
def test_a_list_for_few_is_refused_when_the_right_is_gone(place, listing, role):
    user = account(role, place.province.version)
    job = job_create(LISTING, {"listing": listing, "address": "", "form": "csv"}, actor=user)
    lost(user)
    before = StoredFile.objects.count()

    with pytest.raises(JobFailed) as failed:
        run(LISTING, job)

    assert failed.value.code == "not_allowed"
    assert StoredFile.objects.count() == before


@pytest.mark.django_db(transaction=True)  # how far it is is told from a connection of its own
def test_a_list_for_all_holds_what_may_still_be_seen(place):
    user = account("staff", place.province.version)
    job = job_create(LISTING, {"listing": "units", "address": "", "form": "csv"}, actor=user)
    assert run(LISTING, job)["rows"] > 5
    user.assignments.update(unit=place.school.unit, role="unit_rep")
    assert run(LISTING, job)["rows"] == 1
    lost(user)

    assert run(LISTING, job)["rows"] == 0


@pytest.mark.django_db(transaction=True)
def test_a_list_of_units_is_not_written_when_the_right_is_gone(place):
    user = account("staff", place.province.version)
    data = io.BytesIO(csv_bytes(line(place.commune, code="M1")))
    facts = {"content_type": "text/csv; charset=utf-8", "actor": user, "unit_id": None, "kind": "units.list"}
    preview = preview_create(file=file_keep(data, name="ds.csv", **facts), actor=user)
    run(IMPORT, _import(preview, READ, user))
    ImportPreview.objects.get(pk=preview.pk).lines.update(chosen=True)
    lost(user)
    before = UnitVersion.objects.count()

    with contextlib.suppress(Refused, JobFailed):
        run(IMPORT, _import(preview, WRITE, user))

    assert preview.lines.count() == 1
    assert UnitVersion.objects.count() == before


def _import(preview, act, user):
    return job_create(IMPORT, {"preview": preview.ulid, "act": act, "lines": 1}, actor=user)


def test_no_code_is_made_for_somebody_who_administers_no_more(place):
    admin = account("admin", place.province.version)
    asked = AccountList.objects.create(
        file=kept("Tài khoản", None, admin), actor=admin, accepted_at=timezone.now(), made=[place.account.pk]
    )
    row, _key = slips_ask(asked, actor=admin, address="https://cong")
    codes = place.account.invitations.count()
    lost(admin)

    with pytest.raises(JobFailed) as failed:
        run(SLIPS, row.job)

    assert failed.value.code == "not_allowed"
    assert place.account.invitations.count() == codes
