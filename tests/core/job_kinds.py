"""Kinds of jobs for the tests; a worker started with ``--include`` this module knows them too."""

import os
import signal
import time
from pathlib import Path

from movement.core.jobs import Handler, JobFailed, PartSpec, job_progress, part_outputs, register_handler
from movement.core.problems import Problem, Refused


class Letters(Handler):
    """Each part writes its letter in capitals; the merge joins them and notes in a file that it ran.

    Arguments: ``letters``; ``log``, a file; ``die``, the letter whose process is killed at its first try;
    ``sleep``, seconds a part takes; ``fail``, the letter that fails and how.
    """

    title = "Ghép chữ"

    def prepare_worker(self):
        self.prepared = True

    def plan(self, job):
        for letter in job.arguments["letters"]:
            yield PartSpec(letter, {"letter": letter}, job.arguments.get("cache", {}).get(letter, ""))

    def run_part(self, part):
        assert self.prepared
        asked, letter = part.job.arguments, part.arguments["letter"]
        note(asked, f"part {letter}")
        time.sleep(asked.get("sleep", 0))
        if asked.get("die") == letter and part.attempts == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        if asked.get("fail") == letter:
            raise {
                "internal": RuntimeError("hỏng"),
                "known": JobFailed("no_paper", "Hết giấy."),
                "refused": Refused([Problem("a", "Một."), Problem("b", "Hai.", line=3)]),
            }[asked["how"]]
        return letter.upper().encode()

    def merge(self, job):
        note(job.arguments, "merge")
        return {"text": b"".join(output for _, output in part_outputs(job)).decode()}


class Whole(Handler):
    """No parts; all in the merge, which tells its progress."""

    title = "Nhập tệp"

    def merge(self, job):
        for done in range(1, 4):
            job_progress(job, done=done, total=3)
        return {"rows": 3}


def note(arguments, line):
    if arguments.get("log"):
        with Path(arguments["log"]).open("a", encoding="utf-8") as log:
            log.write(f"{line}\n")


register_handler("tests.letters", Letters())
register_handler("tests.whole", Whole())
