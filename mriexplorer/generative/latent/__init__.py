"""The published latent diffusion on slices, to compare with."""
