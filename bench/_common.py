"""What every benchmark needs: children measured by the kernel, medians, ratios, one JSON file a benchmark.

A child's peak memory is what the kernel reports when it ends. The parent must stay small itself: on Linux a child's
figure never falls below what its parent held when it was started.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MIB = 1024  # the kernel counts in KiB


@dataclass(frozen=True)
class Measured:
    """``answer`` is what the child said; ``peak_mib`` its resident memory at the highest."""

    answer: Any
    peak_mib: float


class Child:
    """A process of the same script that answers one line of JSON to each line it is given, and is measured."""

    def __init__(self, script: str, name: str):
        self._process = subprocess.Popen(
            [sys.executable, script, "--child", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    def ask(self, question: Any) -> Any:
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the measured process died")
        return json.loads(line)

    def end(self) -> float:
        """Peak memory in MiB."""
        self._process.stdin.close()
        _, status, usage = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        self._process.stdout.close()
        return usage.ru_maxrss / MIB


def child_main(handlers: dict[str, Callable[[Any], Any]]) -> None:
    """Answer the parent until it closes the line. Called by a script started with ``--child NAME``."""
    handle = handlers[sys.argv[2]]
    for line in sys.stdin:
        print(json.dumps(handle(json.loads(line))), flush=True)


def measure(script: str, name: str, question: Any) -> Measured:
    child = Child(script, name)
    answer = child.ask(question)
    return Measured(answer, child.end())


def share_out(workers: Iterable[Child], questions: Iterable[Any]) -> list[Any]:
    """Each question to whichever worker is free, as a queue of tasks does; answers in the order of the questions."""
    waiting: SimpleQueue = SimpleQueue()
    asked = list(questions)
    for item in enumerate(asked):
        waiting.put(item)
    answers: list[Any] = [None] * len(asked)

    def drive(worker: Child) -> None:
        while True:
            try:
                index, question = waiting.get_nowait()
            except Empty:
                return
            answers[index] = worker.ask(question)

    threads = [Thread(target=drive, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if None in answers:
        raise RuntimeError("a worker died")
    return answers


def median(values: Iterable[float]) -> float:
    return statistics.median(values)


def save(name: str, result: dict) -> None:
    """Into ``bench/results/NAME.json``, and as the last line printed."""
    result = {
        "benchmark": name,
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        **result,
    }
    folder = Path(os.environ.get("BENCH_RESULTS", ROOT / "bench" / "results"))
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(result, indent=1, ensure_ascii=False) + "\n"
    (folder / f"{name}.json").write_text(text, encoding="utf-8")
    print(json.dumps(result, ensure_ascii=False))
