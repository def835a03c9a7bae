"""LibreOffice without a screen: what it calculates of a workbook."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

SOFFICE = shutil.which("soffice")
needs_libreoffice = pytest.mark.skipif(
    SOFFICE is None, reason="needs LibreOffice (Debian: apt-get install libreoffice-calc)"
)
_ALWAYS_CALCULATES = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


def calculated(file: Path, folder: Path) -> Path:
    """The workbook with every formula worked out anew; unless told so, it keeps stored values."""
    with tempfile.TemporaryDirectory(prefix="pointworth-office-") as profile:
        settings = Path(profile) / "user" / "registrymodifications.xcu"
        settings.parent.mkdir()
        settings.write_text(_ALWAYS_CALCULATES, "utf-8")
        subprocess.run(
            [
                str(SOFFICE),
                f"-env:UserInstallation={Path(profile).as_uri()}",
                *("--headless", "--convert-to", "xlsx", "--outdir", str(folder), str(file)),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )
    return folder / file.name
