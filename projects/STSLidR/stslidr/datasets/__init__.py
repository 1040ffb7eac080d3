"""Datasets, transforms and the data preprocessor, for mmengine and MMDetection3D."""
