"""Whom the settings name is told what was published, and machines can ask."""

import json
import sys
from pathlib import Path

import pytest

import pointworth.run.telling as telling
from conftest import Toy


def script(folder: Path, text: str) -> str:
    """A command that runs this Python."""
    path = folder / "told.py"
    path.write_text(text, encoding="utf-8")
    return f"{sys.executable} {path}"


def record(toy: Toy) -> dict[str, object]:
    """The record of the only run."""
    (file,) = toy.home.glob("runs/*/run.json")
    content: dict[str, object] = json.loads(file.read_text("utf-8"))
    return content


def settle(toy: Toy, command: str) -> None:
    """Name the command in the landing's settings."""
    text = f"on_publish: {json.dumps(command)}\n"
    (toy.landing / "pointworth.yml").write_text(text, encoding="utf-8")


def test_the_command_gets_the_run_and_the_alerts(toy: Toy) -> None:
    told = toy.folder / "told.json"
    text = f"import sys; open({str(told)!r}, 'w').write(sys.stdin.read())"
    settle(toy, script(toy.folder, text))
    assert toy.build().exit_code == 0
    content = json.loads(told.read_text("utf-8"))
    assert content["alerts"] == []
    assert content["run"]["outcome"] == "published"
    assert content["run"]["run"] == record(toy)["run"]


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("there-is-no-such-command --now", "could not be run"),
        ("'never closed", "could not be run"),
        (None, "on_publish ended with 3: it went wrong"),
    ],
)
def test_a_command_that_fails_changes_a_line_of_the_record(
    toy: Toy, command: str | None, sentence: str
) -> None:
    failing = "import sys; print('it went wrong', file=sys.stderr); sys.exit(3)"
    settle(toy, command or script(toy.folder, failing))
    assert toy.build().exit_code == 0
    assert toy.published.is_file()
    warnings = record(toy)["warnings"]
    assert isinstance(warnings, list)
    assert any(sentence in warning for warning in warnings)


def test_a_command_that_does_not_end_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "MOST_SECONDS", 0.5)
    sentence = telling.tell(script(tmp_path, "import time; time.sleep(60)"), {}, [])
    assert sentence is not None
    assert "was stopped" in sentence


def test_the_setting_is_a_text(toy: Toy) -> None:
    (toy.landing / "pointworth.yml").write_text("on_publish: [a]\n", encoding="utf-8")
    result = toy.build()
    assert result.exit_code == 2
    assert "on_publish" in result.output


def test_machines_can_ask_for_the_status(published_toy: Toy) -> None:
    result = published_toy.run("status", "--format", "json")
    content = json.loads(result.stdout)
    assert content["published"]["outcome"] == "published"
    assert [run["outcome"] for run in content["runs"]] == ["published"]
    assert content["alerts"] == []
