"""STSLidR: camera-to-LiDAR self-supervised pretraining for MMDetection3D.

Importing this package loads nothing heavy; ``stslidr.plugin`` registers the components.
"""

__version__ = '0.1.0'
