"""The map: a picture of the latent space that decodes under the mouse. ``MapView`` is the whole of it."""
