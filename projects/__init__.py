"""Folder of projects, as in MMDetection3D; another `projects` on the path keeps its modules.

Without this file Python would prefer any package of that name that has one.
"""

from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)
