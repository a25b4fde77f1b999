"""What the joint model of records and brains is called, and who does what with it."""

from mriexplorer.generative.kinds import ModelKind

KIND = ModelKind(
    name="people",
    called="model of people",
    command="joint",
    loader="mriexplorer.generative.joint.model:load_joint",
    trainer="mriexplorer.generative.joint.train:train_joint",
    configuration="people-1mm",
    sampler="mriexplorer.generative.joint.dataset:SAMPLER",
)
