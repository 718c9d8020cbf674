"""Codes of practice models and exemplars; the words on screen are in docs/glossary.md."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Life(TextChoices):
    """The life of a practice model."""

    PROPOSED = "proposed", _("Đề xuất")
    DECIDED = "decided", _("Đã có quyết định")
    LAUNCHED = "launched", _("Đã ra mắt")
    WORKING = "working", _("Đang hoạt động")
    WEAK = "weak", _("Hoạt động yếu")
    ENDED = "ended", _("Đã kết thúc")


# A model works, and may have points, from its launch to its end. A weak one is weak and still there.
RUNNING = (Life.LAUNCHED, Life.WORKING, Life.WEAK)

# Steps forward may be left out (an old model is entered as it is); only what ended does not come back.
NEXT = {
    Life.PROPOSED: (Life.DECIDED, Life.LAUNCHED, Life.WORKING, Life.ENDED),
    Life.DECIDED: (Life.LAUNCHED, Life.WORKING, Life.ENDED),
    Life.LAUNCHED: (Life.WORKING, Life.WEAK, Life.ENDED),
    Life.WORKING: (Life.WEAK, Life.ENDED),
    Life.WEAK: (Life.WORKING, Life.ENDED),
    Life.ENDED: (),
}


class NoteKind(TextChoices):
    """What is written down about an exemplar after it was chosen."""

    PLAN = "plan", _("Kế hoạch xây dựng")
    PROGRESS = "progress", _("Tiến độ")
    RECOGNITION = "recognition", _("Công nhận")


# The kind under which lists of models that somebody sends are kept.
LISTS = "exemplars.list"
