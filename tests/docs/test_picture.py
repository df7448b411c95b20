"""The picture of the layers is what the town of today looks like."""

from __future__ import annotations

import subprocess
import sys
from xml.etree import ElementTree

from tests.docs.examples import ROOT

PICTURES = ROOT / "docs" / "pictures"


def test_picture__drawn_again__has_the_same_bytes(tmp_path):
    again = tmp_path / "layers.svg"
    subprocess.run([sys.executable, PICTURES / "draw_layers.py", again], cwd=tmp_path, check=True)
    assert again.read_bytes() == (PICTURES / "layers.svg").read_bytes(), (
        "python docs/pictures/draw_layers.py"
    )


def test_picture__is_svg_with_three_planes_and_reads_nothing_from_elsewhere():
    text = (PICTURES / "layers.svg").read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)  # noqa: S314 - our own file
    planes = [e for e in root.iter() if e.get("class") == "plane"]
    assert len(planes) == 3
    assert "prefers-color-scheme: dark" in text
    assert "href" not in text
