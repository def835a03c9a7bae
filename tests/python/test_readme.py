"""Every command the README shows is run, in the order in which it is shown."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from pointworth_worlds import simulate

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"


def _commands() -> list[str]:
    blocks = re.findall(r"```bash\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    lines = [line.partition("  #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that looks like the checkout but keeps what the commands write to itself."""
    folder = tmp_path_factory.mktemp("readme") / "checkout"
    folder.mkdir()
    for entry in [*ROOT.iterdir()]:
        if entry.name not in {"warehouse", "target", "logs", ".git", ".cache"}:
            (folder / entry.name).symlink_to(entry)
    if SHARED.exists():
        (folder.parent / "shared").symlink_to(SHARED)
    simulate("consumer_carrier", folder / "my-landing", customers=600, seed=1)
    (folder / "my-export").mkdir()
    rows = "".join(f"{at};{at % 11};{at % 28 + 1}/12/2024\n" for at in range(1, 121))
    text = f"Numero risposta;Voto;Data risposta\n{rows}"
    (folder / "my-export" / "sondaggio.csv").write_text(text, encoding="latin-1")
    return folder


def test_the_readme_shows_commands() -> None:
    assert len(_commands()) >= 9
    assert _commands()[0] == "make demo"


@pytest.mark.slow
@pytest.mark.parametrize("command", _commands())
def test_a_command_of_the_readme_runs(command: str, checkout: Path) -> None:
    if "../shared" in command and not SHARED.exists():
        pytest.skip("../shared/data is not here: the public exports are not part of the project")
    if "landing-sfo" in command and not SHARED.exists():
        pytest.skip("its landing is made from ../shared/data, which is not here")
    done = subprocess.run(
        shlex.split(command),
        cwd=checkout,
        env={**os.environ, "CI": "true", "DBT_PROFILES_DIR": str(checkout)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert done.stdout.strip(), f"{command} says nothing"
