"""What an installed wheel must have, which a checkout cannot lack."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_every_package_is_listed_for_the_wheel():
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"]
    found = [path.parent.relative_to(ROOT) for path in (ROOT / "mriexplorer").rglob("__init__.py")]
    assert {".".join(folder.parts) for folder in found} <= set(listed)
