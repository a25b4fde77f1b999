"""Rigid registration of two images of one head, by SimpleITK."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriexplorer.errors import InputError
from mriexplorer.subject.tissue_maps import Floats

_SEED = 1


def itk() -> Any:
    """SimpleITK, with one thread: its sums (a metric's, a spline's of N4) are shared out among threads otherwise."""
    import SimpleITK

    SimpleITK.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
    return SimpleITK


def to_image(data: Floats, affine: NDArray[np.float64]) -> Any:
    """A SimpleITK image of an array with axes x, y, z and an affine in millimetres (both sides use the array's own frame)."""
    image = itk().GetImageFromArray(np.ascontiguousarray(data.astype(np.float32).T))
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    image.SetSpacing([float(edge) for edge in spacing])
    image.SetOrigin([float(o) for o in affine[:3, 3]])
    image.SetDirection([float(d) for d in (affine[:3, :3] / spacing).ravel()])
    return image


def register(fixed: Any, moving: Any, name: str, *, mono: bool = False) -> NDArray[np.float64]:
    """The rigid motion (4, 4) that takes millimetres of ``fixed`` to millimetres of ``moving``.

    Mattes mutual information for images of different contrast, correlation for the same (``mono``); three resolutions, starting
    from the centres of mass. The same images give the same answer to the last bit. Raises InputError, about
    ``name``, for images that cannot be registered.
    """
    sitk = itk()
    method = sitk.ImageRegistrationMethod()
    if mono:
        method.SetMetricAsCorrelation()
    else:
        method.SetMetricAsMattesMutualInformation(numberOfHistogramBins=48)
    method.SetMetricSamplingStrategy(method.REGULAR)
    method.SetMetricSamplingPercentagePerLevel([0.5, 0.2, 0.15], _SEED)
    method.SetInterpolator(sitk.sitkLinear)
    method.SetOptimizerAsRegularStepGradientDescent(
        learningRate=2.0, minStep=5e-4, numberOfIterations=120, relaxationFactor=0.5, gradientMagnitudeTolerance=1e-7
    )
    method.SetOptimizerScalesFromPhysicalShift()
    method.SetShrinkFactorsPerLevel([6, 3, 2])
    method.SetSmoothingSigmasPerLevel([4, 2, 1])
    method.SmoothingSigmasAreSpecifiedInPhysicalUnitsOn()
    try:
        start = sitk.CenteredTransformInitializer(
            fixed, moving, sitk.Euler3DTransform(), sitk.CenteredTransformInitializerFilter.MOMENTS
        )
        method.SetInitialTransform(start, inPlace=False)
        return _matrix(method.Execute(fixed, moving))
    except RuntimeError:  # ITK's own: too few voxels, no contrast, no overlap
        raise InputError(
            f"{name} cannot be registered: it has too few slices, or nothing in it looks like a head; leave it out."
        ) from None


def _matrix(transform: Any) -> NDArray[np.float64]:
    """The 4x4 matrix of a rigid transform, taken from what it does to the corners of a frame."""
    origin = np.array(transform.TransformPoint((0.0, 0.0, 0.0)))
    columns = [np.array(transform.TransformPoint(tuple(axis))) - origin for axis in np.eye(3)]
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = np.stack(columns, axis=1), origin
    return matrix
