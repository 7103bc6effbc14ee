"""PDFs as their reader meets them: as text, and as pictures; with poppler, or said loudly that it is not here."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
import zxingcpp

HERE = shutil.which("pdftotext") and shutil.which("pdftoppm")
needs_poppler = pytest.mark.skipif(
    not HERE and os.environ.get("CI") != "true",
    reason="PDFS WERE NOT LOOKED AT: pdftotext and pdftoppm are not here (make system installs poppler-utils)",
)


def _run(program, *arguments, pdf):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "paper.pdf"
        path.write_bytes(pdf)
        subprocess.run([program, *arguments, path, Path(folder) / "out"], check=True, capture_output=True)
        return {made.name: made.read_bytes() for made in sorted(Path(folder).glob("out*"))}


def text_of(pdf, *, layout=False):
    """What can be searched and copied; over-long words are joined again."""
    made = _run("pdftotext", *(["-layout"] if layout else []), pdf=pdf)
    return made["out"].decode().replace("\u200b", "")


def pages_of(pdf):
    return text_of(pdf).split("\f")[:-1]


def squeezed(text):
    """Without any blank: what stands in one cell may be broken over lines."""
    return "".join(text.split())


def boxes_of(pdf):
    """Every word with its page's size and its own box, in points."""
    import re

    html = _run("pdftotext", "-bbox", pdf=pdf)["out"].decode()
    for page in re.findall(r"<page .*?</page>", html, flags=re.S):
        width, height = map(float, re.search(r'width="([\d.]+)" height="([\d.]+)"', page).groups())
        for word in re.findall(r'<word xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">', page):
            yield width, height, *map(float, word)


def codes_of(pdf, *, dpi=150):
    """What a telephone reads from each page."""
    return [sorted(one.text for one in zxingcpp.read_barcodes(grey)) for grey in _greys(pdf, dpi)]


def _greys(pdf, dpi):
    import numpy as np

    for name, data in _run("pdftoppm", "-gray", "-r", str(dpi), pdf=pdf).items():
        assert name.endswith(".pgm")
        header, width, height, most = data[:2], *map(int, data.split(maxsplit=4)[1:4])
        assert (header, most) == (b"P5", 255)
        yield np.frombuffer(data[-width * height :], dtype=np.uint8).reshape(height, width)
