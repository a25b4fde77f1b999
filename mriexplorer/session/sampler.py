"""From recipes to synthetic people: the model at the moment of need, on the device that is chosen.

Used by one worker's thread at a time. Nothing heavy is imported from the model before the first person is wished.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mriexplorer.errors import InputError
from mriexplorer.files import read_json
from mriexplorer.generative.precision import PRECISIONS as PRECISIONS
from mriexplorer.generative.precision import Precision as Precision
from mriexplorer.places import FOLDING, PEOPLE, models
from mriexplorer.render.scene import Scene
from mriexplorer.subject.attribute_estimate import AttributeEstimate
from mriexplorer.subject.subject import Subject
from mriexplorer.view.source import Recipe

if TYPE_CHECKING:
    from mriexplorer.generative.folding.model import FoldingModel
    from mriexplorer.generative.joint.brain import Brain
    from mriexplorer.generative.joint.model import JointModel
    from mriexplorer.generative.joint.sample import SyntheticSubject

Progress = Callable[[str], None]
VOXEL, ROUGH = 1, 2  # mm, of a brain and of one that is dragged
_NO_MEMORY = "The {device} has too little memory for this; it goes on on the CPU."


@dataclass(frozen=True)
class Sampled:
    """A person as the window has them: scene, record, and what must be said (extrapolation)."""

    scene: Scene
    record: Mapping[str, float | str]
    said: tuple[str, ...]


class Sampler:
    """Holds the models once they were needed."""

    def __init__(self) -> None:
        self.device: str | None = None  # None: the best there is
        self.precision: Precision = "auto"  # that models compute in, also the one that encodes scans
        self.notice: Callable[[str], None] = lambda _sentence: None
        self._models: tuple[JointModel, FoldingModel] | None = None

    def devices(self) -> tuple[str, ...]:
        """What this machine has, best first. Imports torch."""
        from mriexplorer.generative.devices import devices

        return devices()

    def sample(
        self, recipe: Recipe, field: float, progress: Progress, *, rough: Callable[[Sampled], None] | None = None
    ) -> Sampled:
        """The person of a recipe; ``rough`` hears of a coarse brain first. Raises InputError."""
        person = self.person(recipe, progress)
        if rough is not None:
            progress("a rough brain")
            rough(self.rough(recipe, field, progress))
        brain = self._without_memory(lambda: self._brain(person, field, progress))
        return self._sampled(brain, person)

    def rough(self, recipe: Recipe, field: float, progress: Progress) -> Sampled:
        """The person of a recipe, coarse: for dragging, and before the whole brain is there."""
        from mriexplorer.generative.joint.brain import build, rough_anatomy

        person = self.person(recipe, progress)
        model, folds = self._loaded(progress)
        progress("a rough brain")
        anatomy = rough_anatomy(folds, person.folding)
        return self._sampled(build(model, person, anatomy, voxel=ROUGH, field=field, rough=True), person)

    def person(self, recipe: Recipe, progress: Progress) -> "SyntheticSubject":
        """Record and numbers of a recipe, without a brain. Raises InputError."""
        from mriexplorer.generative.joint.sample import between, sample_subjects

        model, _folds = self._loaded(progress)
        progress("sampling")
        device = self._device()
        person: SyntheticSubject = self._without_memory(
            lambda: sample_subjects(model, [recipe.seed], recipe.conditions, device=self._device())
        )[0]
        if recipe.other is not None:
            seed, given = recipe.other
            other = sample_subjects(model, [seed], dict(given), device=device)[0]
            person = between(model, person, other, recipe.share)
        return person

    def estimates(self, subject: Subject, progress: Progress) -> tuple[list[AttributeEstimate], list[str]]:
        """What a subject's brain tells of each attribute; sex is taken from the record, where it is there. Raises InputError."""
        from mriexplorer.generative.joint.attribute_estimate import estimates_of, recorded

        model, _folds = self._loaded(progress)
        known = {name: value for name, value in recorded(model, subject).items() if name == "sex"}
        return estimates_of(model, subject, known, progress, self._device())

    def write(self, recipe: Recipe, field: float, target: Path, progress: Progress) -> str:
        """Export a person into a folder that becomes a BIDS derivative; returns the person's name. Raises InputError."""
        from mriexplorer.generative.joint.dataset import write_sampled

        model, _folds = self._loaded(progress)
        person = self.person(recipe, progress)
        brain = self._brain(person, field, progress)
        progress(f"writing {brain.subject.name}")
        return write_sampled(target, brain, person, model)

    # -- within ------------------------------------------------------------------------------------------------

    def _brain(self, person: "SyntheticSubject", field: float, progress: Progress) -> "Brain":
        from mriexplorer.generative.joint.brain import build, folding_anatomy

        model, folds = self._loaded(progress)
        progress("folding the cortex")
        anatomy = folding_anatomy(folds, person.folding, self._device(), half=False, precision=self.precision)
        progress("shaping the brain")
        return build(model, person, anatomy, voxel=VOXEL, field=field)

    def _sampled(self, brain: "Brain", person: "SyntheticSubject") -> Sampled:
        from mriexplorer.generative.joint.conditions import extrapolation_warnings

        model, _folds = self._loaded(lambda _what: None)
        return Sampled(Scene(brain.subject), person.record, tuple(extrapolation_warnings(model, person.given)))

    def _loaded(self, progress: Progress) -> "tuple[JointModel, FoldingModel]":
        if self._models is None:
            from mriexplorer.generative.model_folder import find_model
            from mriexplorer.generative.registry import load

            progress("loading the model")
            try:
                self._models = load(find_model(PEOPLE)), load(find_model(FOLDING))
            except ImportError as error:
                raise InputError(f"torch could not be loaded ({error}); install mriexplorer again.") from None
        return self._models

    def _device(self) -> Any:
        from mriexplorer.generative.devices import chosen

        return chosen(self.device)

    def _without_memory(self, work: Callable[[], Any]) -> Any:
        """The work; where the device has no memory for it, again on the CPU, which is said."""
        from mriexplorer.generative.devices import NoMemory, free

        try:
            return work()
        except NoMemory:
            name = str(self._device())
            if name == "cpu":
                raise InputError("There is not enough memory for this; close other programs.") from None
        free()
        self.device = "cpu"
        self.notice(_NO_MEMORY.format(device=name.upper()))
        return work()


def credit() -> str:
    """What the shipped model learnt from, in a sentence; empty where it is not there."""
    path = models() / PEOPLE / "config.json"
    about = read_json(path).get("training", {}) if path.is_file() else {}
    if not isinstance(about, dict) or "brains" not in about:
        return ""
    return f"Learnt from {about['brains']} brains and {about['records']} records of real people."
