"""What a model of cortical folding is called, and who does what with it."""

from mriexplorer.generative.kinds import ModelKind

KIND = ModelKind(
    name="folds",  # as files have it
    called="cortical folding",
    command="folding",
    loader="mriexplorer.generative.folding.model:load_folding",
    trainer="mriexplorer.generative.folding.train:train_folding",
    configuration="folds-1mm",
    aliases=("folds",),
)
