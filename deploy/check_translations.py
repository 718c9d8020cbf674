"""Fail when a catalogue is not complete: an empty or fuzzy translation, or a sentence of the source it lacks.

Run from the checkout's virtual environment. The second check needs GNU gettext and is left out, with a word, where it
is missing.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

CHECKOUT = Path(__file__).resolve().parent.parent
# Nothing in these is shown to the portal's users.
WITHOUT_SENTENCES = ("tests/", "bench/", "deploy/")


def incomplete(catalogue: Path) -> list[str]:
    """A line for each entry that is empty or fuzzy."""
    wrong = []
    for entry in polib.pofile(str(catalogue)):
        if entry.obsolete:
            continue
        texts = entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]
        state = "fuzzy" if entry.fuzzy else "" if all(text.strip() for text in texts) else "empty"
        if state:
            wrong.append(f"{catalogue.relative_to(CHECKOUT)}:{entry.linenum}: {state}: {entry.msgid[:90]}")
    return wrong


def source_entries() -> list[polib.POEntry]:
    """What Django finds to translate in the tracked sources and templates."""
    listed = subprocess.run(
        ["git", "ls-files", "*.py", "*.html", "*.txt"], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    with tempfile.TemporaryDirectory() as folder:
        for name in listed.stdout.splitlines():
            if not name.startswith(WITHOUT_SENTENCES) and (CHECKOUT / name).exists():
                (Path(folder) / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(CHECKOUT / name, Path(folder) / name)
        (Path(folder) / "locale").mkdir(exist_ok=True)
        command = [sys.executable, "-m", "django", "makemessages", "-l", "en", "--keep-pot", "-v0"]
        subprocess.run(command, cwd=folder, check=True)
        return list(polib.pofile(f"{folder}/locale/django.pot"))


def missing(catalogue: Path, source: list[polib.POEntry]) -> list[str]:
    known = {(entry.msgctxt, entry.msgid) for entry in polib.pofile(str(catalogue)) if not entry.obsolete}
    return [
        f"{catalogue.relative_to(CHECKOUT)}: missing: {entry.msgid[:90]} ({entry.occurrences[0][0]})"
        for entry in source
        if (entry.msgctxt, entry.msgid) not in known
    ]


def main() -> int:
    wrong = [line for path in sorted(CHECKOUT.glob("locale/*/LC_MESSAGES/*.po")) for line in incomplete(path)]
    english = CHECKOUT / "locale" / "en" / "LC_MESSAGES" / "django.po"
    if all(map(shutil.which, ("xgettext", "msguniq", "msgmerge"))):
        wrong += missing(english, source_entries())
    else:
        sys.stderr.write("No GNU gettext here: sentences the catalogue lacks were not looked for.\n")
    sys.stdout.write("".join(f"{line}\n" for line in wrong))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
