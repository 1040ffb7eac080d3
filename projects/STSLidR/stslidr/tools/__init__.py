"""Commands of the plugin; what one needs is imported after its options are read: help is quick."""
