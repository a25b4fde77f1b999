"""Anatomy on voxels of 1 mm, of people who have maps of 1 mm: thin blades of white matter and narrow sulci need that.

Scans of real people are seldom at hand so finely and evenly; label maps of heads are, as maps. So this part is compared where
both sides have maps of 1 mm. Both are seen through the same equation, the same softness (label maps have hard edges) and the
same size of the closed brain; no noise is added.
"""

import numpy as np

from mriexplorer.evaluation.cohort.anatomy import Anatomy, anatomy_of, shares_of
from mriexplorer.evaluation.cohort.atlas import regions, warped
from mriexplorer.evaluation.cohort.images import BRAIN_T1, BrainImage, linear_intensity, maps_of, scaled_about_middle, t1w_of
from mriexplorer.evaluation.cohort.sources import PersonSource
from mriexplorer.simulation.standard_frame import largest_part, near_template

EDGE = 1  # mm
_SOFT = 0.6  # mm, standard deviation of what both sides are blurred by


def fine_anatomy(source: PersonSource, image: BrainImage) -> Anatomy:
    """Numbers of ``anatomy_of`` at 1 mm; none without maps of 1 mm. ``image`` is the person on the common grid.

    Raises InputError where there is no brain.
    """
    from scipy.ndimage import gaussian_filter

    found = maps_of(source)
    if found is None or round(found[1]) != EDGE:
        return {}
    maps, _edge = found
    brain = np.asarray((maps > 0).all(axis=0))
    if image.head:
        around = near_template()
        for axis in range(3):
            around = around.repeat(2, axis)
        brain = largest_part(brain & around & (maps[1] > BRAIN_T1))
    shown = scaled_about_middle(gaussian_filter(np.where(brain, t1w_of(maps), 0), _SOFT), 1 / image.scale, 1, EDGE)
    brain = scaled_about_middle(brain.astype(np.float32), 1 / image.scale, 1, EDGE) > 0.5
    white, grey, fluid = shares_of(np.clip(linear_intensity(shown, brain), 0, 1))
    return anatomy_of(white, grey, fluid, float(EDGE), atlas=warped(regions(), image.velocity))
