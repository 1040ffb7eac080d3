"""Corruptions of a sweep after nuScenes-C (Robo3D, ICCV 2023), and scores of robustness."""
