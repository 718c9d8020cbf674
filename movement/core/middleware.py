"""What every request carries: a reference number, and its origin for the trail."""

from movement.audit.services import source

from .ulid import new_reference


def client_address(request) -> str:
    """The address the request came from.

    Only a proxy on this machine is believed about it, and of its header only the last entry, which it wrote itself.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    if peer in {"", "127.0.0.1", "::1"}:
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").rsplit(",", 1)[-1].strip()
        return forwarded or peer
    return peer


class RequestMiddleware:
    """Sets ``request.reference`` (the 500 page shows it, the log repeats it) and the trail's source."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.reference = new_reference()
        token = source.set(client_address(request))
        try:
            return self.get_response(request)
        finally:
            source.reset(token)
