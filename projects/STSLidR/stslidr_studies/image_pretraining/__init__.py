"""Training of the small image encoder without labels, and how good its features are."""
