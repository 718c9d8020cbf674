"""The portal's addresses, and a view with the same middleware, session and user that does one UPDATE."""

from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.urls import include, path
from django.utils import timezone
from django.views.decorators.http import require_POST


@login_required
@require_POST
def one_update(request):
    from movement.classification.models import Assessment

    Assessment.objects.filter(pk=request.POST["pk"]).update(changed_at=timezone.now())
    return JsonResponse({"outcome": "written"})


urlpatterns = [path("bench/", one_update), path("", include("movement.urls"))]
handler403, handler404, handler500 = (
    f"movement.core.views.{name}" for name in ("forbidden", "not_found", "server_error")
)
