"""The Dimensions dock: a row and a slider for each latent dimension."""
