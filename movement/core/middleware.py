"""What every request carries: a reference number, and its origin for the trail."""

import re

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


_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("coc_coc_browser", "Cốc Cốc"), ("Firefox", "Firefox"), ("Chrome", "Chrome"),
             ("Version", "Safari"))  # fmt: skip
_SYSTEMS = ("Windows", "Android", "iPhone", "iPad", "Mac OS", "Linux")


def agent_words(agent: str) -> str:
    """A browser in two words, such as "Chrome 131, Windows"; of what is not known its first letters."""
    found = ((name, re.search(rf"\b{mark}/(\d{{1,4}})", agent)) for mark, name in _BROWSERS)
    browser = next((f"{name} {match[1]}" for name, match in found if match), "")
    system = next((system for system in _SYSTEMS if system in agent), "")
    return ", ".join(filter(None, (browser, system))) or "".join(filter(str.isprintable, agent[:30]))


class RequestMiddleware:
    """Sets ``request.reference`` (the 500 page shows it, the log repeats it) and the trail's source."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.reference = new_reference()
        agent = agent_words(request.META.get("HTTP_USER_AGENT", ""))
        token = source.set(" · ".join(filter(None, (client_address(request)[:45], agent))))
        try:
            return self.get_response(request)
        finally:
            source.reset(token)
