"""Where the time of one pretraining iteration goes."""
