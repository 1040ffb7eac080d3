"""The report of a study: one HTML file with its numbers and pictures."""
