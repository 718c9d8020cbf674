"""Handing codes over: printed slips, one a person, to be cut apart. A code stands on paper and nowhere else.

Up to ``DIRECT`` slips are printed into the answer itself. More are printed by a worker, which enciphers them for the
browser that asked: the key pair is made for this one asking, and the private half stands in that browser's cookie alone.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from movement.audit.services import Act, record
from movement.core.installation import is_demonstration
from movement.core.jobs import job_create
from movement.core.problems import Problem, Refused
from movement.documents.rendering import render_html_part

from ..directory import rights_of
from ..models import AccountList, SealedSlips, User
from .invitations import invitation_make

DIRECT = 50
KIND = "accounts.slips"
SHEETS = ("documents/nd30.css", "accounts/slips.css")
_NONCE = bytes(12)  # each key enciphers one text

GONE = "Phiếu này đã được tải về một lần, hoặc không phải trình duyệt này đã yêu cầu."


@dataclass(frozen=True, slots=True)
class Slip:
    name: str
    position: str
    username: str
    rights: list[str]
    code: str
    expires: object

    @property
    def more(self) -> int:
        """Rights beyond the two that a slip has room for."""
        return max(0, len(self.rights) - 2)


def slips_print(users: Sequence[User], *, actor, address: str) -> bytes:
    """New codes for ``users``, as a PDF of slips. ``address``: where a code is typed. In the caller's transaction."""
    rights = rights_of(users)
    slips = []
    for user in users:
        code, kept = invitation_make(user, actor=actor)
        said = [line.sentence for line in rights.get(user.pk, [])]
        slips.append(Slip(user.name, user.position, user.username, said, code, kept.expires_at))
    return slips_pdf(slips, address=address)


def slips_pdf(slips: Sequence[Slip], *, address: str) -> bytes:
    context = {"slips": slips, "address": address, "demonstration": is_demonstration(), "title": "Phiếu cấp tài khoản"}
    return render_html_part(render_to_string("accounts/slips.html", context), sheets=SHEETS)


@transaction.atomic
def handover_begin(asked: AccountList, *, actor) -> list[User]:
    """The open accounts of a list that never signed in; a list is handed over once.

    Raises:
        Refused: ``not_accepted``, ``handed_over_already``, ``nobody_left``.
    """
    row = AccountList.objects.select_for_update().get(pk=asked.pk)
    if not row.accepted_at:
        raise Refused(Problem("not_accepted", "Danh sách chưa được ghi."))
    if row.handed_over_at:
        sentence = "Danh sách này đã được giao mã một lần; cần mã khác thì cấp ở trang của từng tài khoản."
        raise Refused(Problem("handed_over_already", sentence))
    users = list(User.objects.filter(pk__in=row.made, is_active=True, last_login=None).order_by("name", "pk"))
    if not users:
        raise Refused(Problem("nobody_left", "Không còn tài khoản nào chờ mã."))
    row.handed_over_at = timezone.now()
    row.save(update_fields=["handed_over_at"])
    return users


@transaction.atomic
def links_make(asked: AccountList, *, actor) -> list[tuple[User, str]]:
    """A code for each account of the list, to be shown once as links."""
    users = handover_begin(asked, actor=actor)
    found = [(user, invitation_make(user, actor=actor)[0]) for user in users]
    _note(actor, asked, f"Giao liên kết mời của {len(found)} tài khoản.")
    return found


@transaction.atomic
def slips_of_list(asked: AccountList, *, actor, address: str) -> bytes:
    """The slips of a list of at most ``DIRECT`` accounts.

    Raises:
        Refused: as ``handover_begin``.
    """
    users = handover_begin(asked, actor=actor)
    pdf = slips_print(users, actor=actor, address=address)
    _note(actor, asked, f"In phiếu cấp tài khoản của {len(users)} người.")
    return pdf


@transaction.atomic
def slips_ask(asked: AccountList, *, actor, address: str) -> tuple[SealedSlips, str]:
    """Have a worker print a long list. Returns what it will fill, and the key for the browser that asked."""
    users = handover_begin(asked, actor=actor)
    private = X25519PrivateKey.generate()
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    row = SealedSlips.objects.create(actor=actor, users=[user.pk for user in users], public_key=public)
    row.job = job_create(KIND, {"slips": row.ulid, "address": address}, actor=actor, unit_id=asked.file.unit_id)
    row.save(update_fields=["job"])
    _note(actor, asked, f"Yêu cầu in phiếu cấp tài khoản của {len(users)} người.")
    raw = private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    return row, base64.urlsafe_b64encode(raw).decode()


@transaction.atomic
def slips_fill(row: SealedSlips, *, address: str) -> int:
    """Print and encipher; run by the worker. Done twice, the earlier codes are withdrawn."""
    users = list(User.objects.filter(pk__in=row.users, is_active=True).order_by("name", "pk"))
    pdf = slips_print(users, actor=row.actor, address=address)
    once = X25519PrivateKey.generate()
    key = _key(once.exchange(X25519PublicKey.from_public_bytes(bytes(row.public_key))))
    row.content = once.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw) + key.encrypt(_NONCE, pdf, None)
    row.save(update_fields=["content"])
    return len(users)


@transaction.atomic
def slips_fetch(row: SealedSlips, *, actor, key: str) -> bytes:
    """The PDF, once; what was kept of it goes.

    Raises:
        Refused: ``slips_gone``.
    """
    row = SealedSlips.objects.select_for_update(of=("self",)).get(pk=row.pk)
    try:
        private = X25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(key))
        content = bytes(row.content or b"")
        pdf = _key(private.exchange(X25519PublicKey.from_public_bytes(content[:32]))).decrypt(
            _NONCE, content[32:], None
        )
    except (ValueError, InvalidTag) as error:
        raise Refused(Problem("slips_gone", GONE)) from error
    row.content, row.fetched_at = None, timezone.now()
    row.save(update_fields=["content", "fetched_at"])
    record(
        actor,
        Act("account.slips_taken", f"Tải phiếu cấp tài khoản của {len(row.users)} người.", "accounts.slips", row.ulid),
    )
    return pdf


def _key(shared: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(HKDF(hashes.SHA256(), 32, None, b"accounts.slips").derive(shared))


def _note(actor, asked: AccountList, sentence: str) -> None:
    record(actor, Act("account.handover", sentence, "accounts.list", asked.ulid, asked.file.unit_id))
