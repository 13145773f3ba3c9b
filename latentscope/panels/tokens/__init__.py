"""The token painter of models with a codebook."""
