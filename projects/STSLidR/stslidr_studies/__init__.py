"""Comparisons of methods and what goes with them: studies, reports, the small image encoder."""
