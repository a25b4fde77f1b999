"""What the published latent diffusion is called, and who does what with it."""

from mriexplorer.generative.kinds import ModelKind

KIND = ModelKind(
    name="latent",
    called="latent diffusion",
    command="latent",
    loader="mriexplorer.generative.latent.model:load_latent",
    trainer="mriexplorer.generative.latent.train:train_latent",
    configuration="published-latent-2d",
    sampler="mriexplorer.generative.latent.dataset:SAMPLER",
)
