"""Commands of the studies; what one needs is imported after its options are read: help is quick."""
