"""STSLidR: camera-to-LiDAR self-supervised pretraining for MMDetection3D.

Importing this package loads nothing heavy; ``stslidr.plugin`` registers the components.
"""

from stslidr.matplotlib_backend import forget_missing_backend
from stslidr.mmcv_operators import stand_in_for_missing_operators
from stslidr.spconv_loading import load_spconv_fast

__version__ = '0.1.0'

# before anything imports mmdet3d, which imports all operators, and spconv, and matplotlib
forget_missing_backend()
stand_in_for_missing_operators()
load_spconv_fast()
