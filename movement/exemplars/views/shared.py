"""A form page: what all of them do the same."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.shortcuts import redirect, render

from movement.core.problems import Refused


def form_page(
    request,
    form,
    *,
    save: Callable[[], str | tuple[str, str]],
    back: str,
    context: dict,
    columns: dict[str, str] | None = None,
    template: str = "exemplars/form.html",
):
    """Draw ``form``, or save it and go back. What is refused stands beside the fields, and what was typed stays.

    ``save`` writes and returns the sentence to show, and, where it is not ``back``, the address to go to;
    ``columns``: ``{problem's column: field}``.
    """
    if request.method == "POST" and form.is_valid():
        try:
            saved = save()
        except Refused as refused:
            form.refuse(refused.problems, columns or {})
        else:
            sentence, to = saved if isinstance(saved, tuple) else (saved, back)
            messages.success(request, sentence)
            return redirect(to)
    status = 422 if form.errors else 200
    return render(request, template, {"form": form, "back": back, **context}, status=status)
