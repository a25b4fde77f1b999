"""Which folders travel in the wheel; all else is in pyproject.toml, which cannot add a folder to those that it finds."""

from setuptools import find_packages, setup

# resources/ and models/ lie at the top of the repository; mriexplorer/places.py is the one place that finds them in both.
BESIDE = {"mriexplorer.resources": "resources", "mriexplorer.models": "models"}

setup(packages=[*find_packages(include=["mriexplorer", "mriexplorer.*"]), *BESIDE], package_dir=BESIDE)
