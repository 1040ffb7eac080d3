"""Data preparation: info files and superpixels from datasets as they are downloaded."""
