"""What a model of cortical folding tells apart, and where: structures, the box of the template's brain, the lattice of codes."""

import numpy as np

from mriexplorer.subject.tissue_maps import Grid

# In the order of a model's classes; the first is everything outside.
STRUCTURES = (
    "air", "white matter", "cortex", "cerebrospinal fluid", "ventricles", "caudate", "putamen", "thalamus", "pallidum",
    "hippocampus", "amygdala", "accumbens", "brainstem",
)  # fmt: skip
BOX = Grid(
    (152, 192, 160), np.array([[1.0, 0, 0, -76], [0, 1, 0, -112], [0, 0, 1, -72], [0, 0, 0, 1]])
)  # of the template's brain
FACTOR = 4  # voxels of 1 mm to an edge of a code's
LATTICE = tuple(n // FACTOR for n in BOX.shape)
