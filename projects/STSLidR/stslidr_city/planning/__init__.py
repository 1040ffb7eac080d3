"""Where things are: streets, blocks, traffic, and the vehicle that records."""
