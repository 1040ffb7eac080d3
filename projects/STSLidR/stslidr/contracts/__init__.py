"""What each exchangeable part must offer, written down once; see docs/extending.md."""
