"""Looking at data sets: their keyframes as arrays, statistics and pictures of these."""
