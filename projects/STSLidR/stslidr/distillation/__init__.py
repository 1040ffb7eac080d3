"""One whole training step in plain torch: encoders, pooling, loss."""
