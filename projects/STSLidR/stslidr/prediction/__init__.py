"""Labels for sweeps: of one sweep, of a folder, as a submission."""
