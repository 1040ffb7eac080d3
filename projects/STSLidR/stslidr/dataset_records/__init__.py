"""One record for each data set, and where a further one is entered."""
