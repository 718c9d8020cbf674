"""What has to be done before anything is served: migrations, compiled translations, collected static files."""

import hashlib
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .bootstrap import wanted_packages
from .console import LauncherError, Progress
from .installation import Installation
from .postgres import Postgres
from .signals import signals

COMPILE = """
import os, sys, polib
for source in sys.argv[1:]:
    target = source[:-3] + '.mo'
    polib.pofile(source).save_as_mofile(target + '.new')
    os.replace(target + '.new', target)
"""


@dataclass(frozen=True)
class Preparation:
    """``postgres``: None when the database is not ours to ask."""

    installation: Installation
    environment: dict[str, str]
    postgres: Postgres | None

    def manage(self, *arguments: str) -> list[str]:
        return [str(self.installation.python), str(self.installation.checkout / "manage.py"), *arguments]

    def _run(self, title: str, *arguments: str) -> None:
        """A management command; its output is shown only when it fails."""
        kept: list[str] = []
        with Progress(title) as progress:
            try:
                for line in signals.lines(
                    self.manage(*arguments), env=self.environment, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
                ):
                    kept = [*kept[-39:], line.rstrip()]
                    progress.note(line.strip())
            except subprocess.CalledProcessError as error:
                raise LauncherError(f"{title} failed:\n    " + "\n    ".join(kept)) from error

    # --- migrations ------------------------------------------------------------------------------
    @property
    def _migrations_record(self) -> Path:
        """Of the last migration that came to its end; one that was killed in the middle leaves none."""
        database = hashlib.sha256(self.environment["DATABASE_URL"].encode()).hexdigest()[:12]
        return self.installation.state / f"migrated-{database}"

    @property
    def migrated_once(self) -> bool:
        return self._migrations_record.exists()

    def migrate(self) -> None:
        self._migrations_record.unlink(missing_ok=True)
        self._run("Bringing the database up to date", "migrate", "--noinput", "--verbosity=1")
        self._migrations_record.write_text(json.dumps(self._migrations_state()))

    @property
    def migrations_pending(self) -> bool:
        """Whether ``migrate`` could have something to do. Asked of the database itself: Django takes seconds to say it."""
        if self.postgres is None:
            return True
        try:
            return json.loads(self._migrations_record.read_text()) != self._migrations_state()
        except (FileNotFoundError, ValueError):
            return True

    def _migrations_state(self) -> dict:
        """The migrations that ran, those of the checkout, and which packages bring the others."""
        ran = self.postgres and self.postgres.query(
            "SELECT string_agg(app || ' ' || name, ', ' ORDER BY app, name) FROM django_migrations"
        )
        checkout = self.installation.checkout
        patterns = ("*/migrations/[0-9]*.py", "movement/*/migrations/[0-9]*.py")
        own = sorted(str(path.relative_to(checkout)) for pattern in patterns for path in checkout.glob(pattern))
        return {"ran": ran, "own": own, "packages": wanted_packages(self.installation)}

    # --- files -----------------------------------------------------------------------------------
    def compile_translations(self) -> None:
        """Catalogues newer than their compiled form are compiled; no gettext is needed."""
        stale = [
            source
            for source in self.installation.checkout.glob("locale/*/LC_MESSAGES/*.po")
            if not source.with_suffix(".mo").exists()
            or source.with_suffix(".mo").stat().st_mtime < source.stat().st_mtime
        ]
        if not stale:
            return
        command = [self.installation.python, "-c", COMPILE, *map(str, stale)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise LauncherError(f"The translations were not compiled:\n{done.stderr[-800:]}")

    def collect_static(self) -> None:
        """Only when a file changed: compressing takes seconds."""
        record = self.installation.state / "static-files"
        digest = hashlib.sha256(wanted_packages(self.installation).encode())
        for path in self._static_files():
            found = path.stat()
            digest.update(f"{path} {found.st_mtime_ns} {found.st_size}\n".encode())
        if not record.exists() or record.read_text() != digest.hexdigest():
            self._run("Collecting the static files", "collectstatic", "--noinput", "--verbosity=1")
            record.write_text(digest.hexdigest())

    def _static_files(self) -> Iterator[Path]:
        for pattern in ("static", "*/static", "movement/*/static"):
            for folder in sorted(self.installation.checkout.glob(pattern)):
                for root, _folders, files in sorted(os.walk(folder)):
                    yield from (Path(root, file) for file in sorted(files))
