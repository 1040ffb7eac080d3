"""What the city is made of: convex shapes, solids of one class, where they are at a time."""
