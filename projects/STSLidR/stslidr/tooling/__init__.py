"""What command-line tools share: how they end, processes, progress."""
