"""The parts of a pretraining against the published formulation of each: time, memory, agreement."""
