"""mriexplorer: tissue maps of a brain, and every MR contrast of them, live.

From Python, without the window::

    import mriexplorer

    brain = mriexplorer.reference(field=3.0)
    image = mriexplorer.signal(brain, "flair", te=0.091, tr=9.0, ti=2.5)  # seconds; an array of brain.maps.grid.shape

Nothing heavy is imported before the first of these names is used.
"""

from mriexplorer.version import __version__

TYPE_CHECKING = False  # for type checkers; importing typing would be one import more
if TYPE_CHECKING:
    from mriexplorer.api import (
        Estimates,
        Evaluation,
        InputError,
        PeopleFolder,
        Subject,
        encode,
        estimate,
        evaluate_maps,
        evaluate_people,
        gather,
        load,
        open_store,
        presets,
        reference,
        sample,
        sample_people,
        save,
        sequences,
        signal,
        simulate,
    )

__all__ = [
    "Estimates",
    "Evaluation",
    "InputError",
    "PeopleFolder",
    "Subject",
    "__version__",
    "encode",
    "estimate",
    "evaluate_maps",
    "evaluate_people",
    "gather",
    "load",
    "open_store",
    "presets",
    "reference",
    "sample",
    "sample_people",
    "save",
    "sequences",
    "signal",
    "simulate",
]


def __getattr__(name: str) -> object:
    """What is said in ``__all__``, from ``mriexplorer.api``, when it is first asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from mriexplorer import api

    return getattr(api, name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
