"""Things that stand and move in a city, each as a solid."""
