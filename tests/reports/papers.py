"""Reading what a summary printed."""

import re
import subprocess
from pathlib import Path


def text_of(pdf: bytes | Path) -> str:
    """The text of a PDF in its reading order, on one line."""
    data = pdf if isinstance(pdf, bytes) else pdf.read_bytes()
    out = subprocess.run(["pdftotext", "-layout", "-", "-"], input=data, capture_output=True, check=True)
    return re.sub(r"\s+", " ", out.stdout.decode())


def number_before(code: str, text: str) -> int:
    """The number that carries ``code`` in the text: ``1.234 [B2]``."""
    found = re.search(rf"([0-9.]+) \[{code}\]", text)
    return int(found[1].replace(".", ""))
