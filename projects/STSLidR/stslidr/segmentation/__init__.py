"""Semantic segmentation with a pretrained backbone: segmentor, head, batches, transfer."""
