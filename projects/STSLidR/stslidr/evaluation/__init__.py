"""Scores of trained models: metrics, test runs, result files, robustness."""
