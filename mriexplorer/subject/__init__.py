"""One person: tissue maps on one grid, clinical attributes, and where both came from."""

from mriexplorer.subject.subject import Attribute, MapSource, Subject
from mriexplorer.subject.tissue_maps import Grid, TissueMaps

__all__ = ["Attribute", "Grid", "MapSource", "Subject", "TissueMaps"]
