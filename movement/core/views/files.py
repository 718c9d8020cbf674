"""The one place that serves stored files."""

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ..serving import Expired, NoLink, content_response, file_of_link


@login_required
@never_cache
@require_safe
def file_content(request, token, view=False):
    """What a signed link leads to. Another account finds nothing behind it; an old link says what to do."""
    try:
        file, name = file_of_link(token, request.user, view=view)
    except Expired:
        sentence = _("Đường dẫn tải tệp này đã hết hạn. Hãy quay lại trang có tệp rồi mở lại.")
        return render(request, "403.html", {"sentence": sentence}, status=403)
    except NoLink as error:
        raise Http404 from error
    return content_response(request, file, name, view=view)
