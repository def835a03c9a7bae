"""Puts the dbt project into the wheel, as ``pointworth/_project``.

Everything else about the package stands in pyproject.toml.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
FOLDERS = ("models", "macros", "seeds", "tests", "analyses", "mappings")
FILES = ("dbt_project.yml", "profiles.yml", "LICENSE", "deploy/spark/log4j2.properties")


class BuildWithProject(build_py):
    """The modules, and beside them what dbt reads; tests of the Python code stay out."""

    def run(self) -> None:
        """Build as usual, then copy the project; an editable install reads it where it is."""
        super().run()
        if self.editable_mode:
            return
        target = Path(self.build_lib) / "pointworth" / "_project"
        shutil.rmtree(target, ignore_errors=True)
        for folder in FOLDERS:
            shutil.copytree(
                ROOT / folder,
                target / folder,
                ignore=shutil.ignore_patterns("python", "__pycache__", ".*"),
            )
        for file in FILES:
            (target / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / file, target / file)


setup(cmdclass={"build_py": BuildWithProject})
