"""What a trained autoencoder is called, and who does what with it."""

from mriexplorer.generative.kinds import ModelKind

KIND = ModelKind(
    name="autoencoder",
    called="autoencoder",
    command="autoencoder",
    loader="mriexplorer.generative.autoencoder.checkpoint:load_model",
    trainer="mriexplorer.generative.autoencoder.train:train_autoencoder",
    evaluator="mriexplorer.evaluation.maps.judge:evaluate_autoencoder",
)
