"""Image encoders, the sparse point backbone, their heads and the published weights."""
