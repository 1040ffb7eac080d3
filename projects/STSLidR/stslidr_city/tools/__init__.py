"""The command of the city; what one needs is imported after its options are read: help is quick."""
