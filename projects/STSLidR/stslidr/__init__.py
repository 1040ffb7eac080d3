"""STSLidR: camera-to-LiDAR self-supervised pretraining for MMDetection3D.

Importing this package loads nothing heavy; ``stslidr.plugin`` registers the components.
"""

import warnings

__version__ = '0.1.0'

# spconv decorates eight functions in a way that torch deprecates, and says so at every import
warnings.filterwarnings('ignore', category=FutureWarning, module=r'spconv\.')
