"""Lists to take home as Excel or CSV: what a page lists, under the filters in its address, for who asks.

An app registers how a list of its is made (``register_listing``). Up to ``DIRECT`` rows it comes at once, above that a
job writes it. Rows come from a generator, so that memory does not grow with the list; who took what is in the trail.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, QueryDict
from django.utils import timezone, translation

from movement.audit.services import Act, record

from .contents import XLSX
from .dates import format_date, today
from .exports import Cell, Sheet, write_csv, write_xlsx
from .files import file_keep, safe_name
from .installation import is_demonstration
from .jobs import Handler, JobFailed, job_progress
from .models import Job

KIND = "listing"
DIRECT = 20_000  # rows: some seconds
FORMATS = {"xlsx": XLSX, "csv": "text/csv; charset=utf-8"}
_TELL_EVERY = 2_000


@dataclass(frozen=True, slots=True)
class Listing:
    """One list, not yet read. ``what`` completes "Xuất …" in the trail; ``columns`` and ``hidden`` as in ``Sheet``.

    ``rows`` is called when the file is written; ``count`` is how many there are. ``unit_id`` scopes who may read the
    trail's entry. ``taken(actor, count)`` adds what else must be written down, in the same transaction.
    """

    title: str
    what: str
    columns: Sequence[tuple[str, float]]
    rows: Callable[[], Iterable[Sequence[Cell]]]
    count: int
    unit_id: int | None = None
    notes: Sequence[str] = ()
    hidden: Sequence[str] = ()
    taken: Callable[[object, int], None] | None = None
    told: Mapping[str, object] = field(default_factory=dict)


Maker = Callable[[object, QueryDict], Listing]
_makers: dict[str, Maker] = {}


def register_listing(name: str, make: Maker) -> None:
    """``make(user, address)`` gives what ``user`` may see of the list under the filters of ``address``.

    It raises ``Refused`` for filters that cannot be read, and what a view raises for what may not be seen.
    """
    _makers[name] = make


def listing_of(name: str, user, address: QueryDict) -> Listing:
    return _makers[name](user, address)


def file_name(listing: Listing, form: str) -> str:
    return safe_name(f"{listing.title} {today():%Y-%m-%d}.{form}")


def listing_write(listing: Listing, path: Path, form: str) -> None:
    """The file, in Vietnamese whatever language the reader's pages have: it may come back in."""
    with translation.override("vi"):
        notes = [*(["DỮ LIỆU MINH HỌA"] if is_demonstration() else ()), *map(str, listing.notes)]
        if form == "csv":
            write_csv(path, [heading for heading, _ in listing.columns], listing.rows(), notes=notes)
        else:
            sheet = Sheet(listing.title, listing.columns, listing.rows(), notes=notes, hidden=listing.hidden)
            write_xlsx(path, [sheet], title=listing.title, issued_at=timezone.now())


@transaction.atomic
def listing_taken(listing: Listing, *, actor, form: str) -> None:
    """Write down who took the list home."""
    sentence = f"Xuất {listing.what} ra tệp {form.upper()}: {listing.count} dòng."
    record(actor, Act("list.export", sentence, "core.listing", "", listing.unit_id, after=dict(listing.told) or None))
    if listing.taken:
        listing.taken(actor, listing.count)


class Taking(Handler):
    """Writes one long list. Arguments: ``listing``, ``address`` (the query string), ``form``."""

    title = "Xuất danh sách"
    deadline = timedelta(hours=1)

    def prepare_worker(self) -> None:
        import_module(settings.ROOT_URLCONF)  # the pages register their lists

    def merge(self, job: Job) -> dict:
        user = get_user_model().objects.filter(pk=job.requested_by_id, is_active=True).first()
        if user is None:
            raise JobFailed("no_account", "Tài khoản yêu cầu tệp này không còn hoạt động.")
        form = job.arguments["form"]
        try:
            listing = listing_of(job.arguments["listing"], user, QueryDict(job.arguments["address"]))
        except (PermissionDenied, Http404) as error:  # as the page would answer by now
            raise JobFailed("not_allowed", "Tài khoản yêu cầu tệp này không còn quyền xem danh sách.") from error
        counted = replace(listing, rows=lambda: _told(job, listing))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"list.{form}"
            listing_write(counted, path, form)
            with path.open("rb") as stream, transaction.atomic():
                file = file_keep(
                    stream,
                    name=file_name(listing, form),
                    content_type=FORMATS[form],
                    actor=user,
                    unit_id=listing.unit_id,
                    kind=KIND,
                )
                listing_taken(listing, actor=user, form=form)
        return {"file": file.ulid, "rows": listing.count, "holding": user.holding()}


def _told(job: Job, listing: Listing) -> Iterator[Sequence[Cell]]:
    """The rows, and every few thousand how far they are."""
    for done, row in enumerate(listing.rows()):
        if done % _TELL_EVERY == 0:
            job_progress(job, done=done, total=max(listing.count, done))
        yield row


def day_note(on) -> str:
    """For the head of a sheet."""
    return f"Danh sách tính đến ngày {format_date(on)}."
