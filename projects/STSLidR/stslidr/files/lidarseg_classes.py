"""nuScenes-lidarseg's label ids and the 16 classes of its challenge.

Ids, names, classes and colours are those of nuscenes-devkit. Classes are counted from 0 here, as
MMDetection3D does; in the challenge, and in predictions that are sent to it, they are 1 to 16, and
0 is ignored.
"""

from __future__ import annotations

CLASS_NAMES = (
    'barrier',
    'bicycle',
    'bus',
    'car',
    'construction_vehicle',
    'motorcycle',
    'pedestrian',
    'traffic_cone',
    'trailer',
    'truck',
    'driveable_surface',
    'other_flat',
    'sidewalk',
    'terrain',
    'manmade',
    'vegetation',
)
IGNORED = len(CLASS_NAMES)
"""The class of points that are left out of losses and scores."""

RAW_NAMES = dict(
    enumerate(
        (
            'noise',
            'animal',
            'human.pedestrian.adult',
            'human.pedestrian.child',
            'human.pedestrian.construction_worker',
            'human.pedestrian.personal_mobility',
            'human.pedestrian.police_officer',
            'human.pedestrian.stroller',
            'human.pedestrian.wheelchair',
            'movable_object.barrier',
            'movable_object.debris',
            'movable_object.pushable_pullable',
            'movable_object.trafficcone',
            'static_object.bicycle_rack',
            'vehicle.bicycle',
            'vehicle.bus.bendy',
            'vehicle.bus.rigid',
            'vehicle.car',
            'vehicle.construction',
            'vehicle.emergency.ambulance',
            'vehicle.emergency.police',
            'vehicle.motorcycle',
            'vehicle.trailer',
            'vehicle.truck',
            'flat.driveable_surface',
            'flat.other',
            'flat.sidewalk',
            'flat.terrain',
            'static.manmade',
            'static.other',
            'static.vegetation',
            'vehicle.ego',
        )
    )
)
"""Raw id, which is what a label file holds for a point -> its name, for all 32."""

_RAW_IDS = {
    'barrier': (9,),
    'bicycle': (14,),
    'bus': (15, 16),
    'car': (17,),
    'construction_vehicle': (18,),
    'motorcycle': (21,),
    'pedestrian': (2, 3, 4, 6),
    'traffic_cone': (12,),
    'trailer': (22,),
    'truck': (23,),
    'driveable_surface': (24,),
    'other_flat': (25,),
    'sidewalk': (26,),
    'terrain': (27,),
    'manmade': (28,),
    'vegetation': (30,),
}

CLASS_OF_RAW = dict.fromkeys(RAW_NAMES, IGNORED) | {
    raw: CLASS_NAMES.index(name) for name, ids in _RAW_IDS.items() for raw in ids
}
"""Raw id -> class, 0 to 15, or 16 for those that are ignored."""

PALETTE = (
    (112, 128, 144),
    (220, 20, 60),
    (255, 127, 80),
    (255, 158, 0),
    (233, 150, 70),
    (255, 61, 99),
    (0, 0, 230),
    (47, 79, 79),
    (255, 140, 0),
    (255, 99, 71),
    (0, 207, 191),
    (175, 0, 75),
    (75, 0, 75),
    (112, 180, 60),
    (222, 184, 135),
    (0, 175, 0),
)
"""Colour of each class, RGB."""
