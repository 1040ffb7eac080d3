"""STSLidR: camera-to-LiDAR self-supervised pretraining for MMDetection3D.

Importing this package loads nothing heavy; ``stslidr.plugin`` registers the components.
"""

from stslidr.mmcv_operators import stand_in_for_missing_operators

__version__ = '0.1.0'

stand_in_for_missing_operators()  # before anything imports mmdet3d, which imports all of them
