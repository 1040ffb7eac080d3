"""The rows of one scene in all tables, made from what its keyframes noted."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import datetime, timezone

from stslidr_city.catalog.categories import CATEGORIES
from stslidr_city.dataset import layout
from stslidr_city.dataset.fixed_tables import visibility_token
from stslidr_city.dataset.keyframe_rows import KeyframeRows
from stslidr_city.dataset.layout import KeyframeKey, Tokens
from stslidr_city.dataset.poses import pose_fields
from stslidr_city.dataset.writing import Row
from stslidr_city.recording.rig import CHANNELS, LIDAR, Rig

TABLES = (
    'log',
    'map',
    'calibrated_sensor',
    'scene',
    'sample',
    'ego_pose',
    'sample_data',
    'lidarseg',
    'sample_annotation',
    'instance',
)
"""The tables that a scene adds to."""
VEHICLE = 'synthetic'


class SceneTables:
    """Makes a scene's rows; one keyframe is in memory at a time."""

    def __init__(
        self,
        tokens: Tokens,
        rig: Rig,
        scene: int,
        keyframes: int,
        read: Callable[[KeyframeKey], KeyframeRows],
    ) -> None:
        """Look through the keyframes for which objects are annotated in which of them.

        Args:
            tokens: of the data set.
            rig: the sensors.
            scene: number of the scene, from 0.
            keyframes: number of its keyframes.
            read: gives the rows of a keyframe.
        """
        self.tokens, self.rig, self.scene, self.read = tokens, rig, scene, read
        self.keys = [KeyframeKey(scene, index) for index in range(keyframes)]
        self._categories: dict[int, int] = {}
        self._appearances: dict[int, array] = {}
        for key in self.keys:
            for box in read(key).boxes:
                self._categories.setdefault(box['instance'], box['category'])
                self._appearances.setdefault(box['instance'], array('I')).append(key.index)

    def rows(self) -> Iterator[tuple[str, Row]]:
        """Table name and rows of all that the scene adds, table by table in order of time."""
        yield from self._scene_rows()
        for key in self.keys:
            keyframe_rows = self.read(key)
            yield 'sample', self._sample(key, keyframe_rows)
            for channel in CHANNELS:
                yield 'ego_pose', self._ego_pose(key, channel, keyframe_rows)
                yield 'sample_data', self._sample_data(key, channel, keyframe_rows)
            token = self.tokens.sample_data(key, LIDAR)
            yield (
                'lidarseg',
                {
                    'token': token,
                    'sample_data_token': token,
                    'filename': layout.lidarseg_file(token),
                },
            )
            for box in keyframe_rows.boxes:
                yield 'sample_annotation', self._annotation(key, box)
        for instance in sorted(self._appearances):
            yield 'instance', self._instance(instance)

    def _scene_rows(self) -> Iterator[tuple[str, Row]]:
        """The scene itself, its log and map, and the sensors as mounted."""
        name = layout.scene_name(self.scene)
        log, map_token = self.tokens.of('log', self.scene), self.tokens.map(self.scene)
        start = datetime.fromtimestamp(layout.scene_start(self.scene) // 1_000_000, timezone.utc)
        yield (
            'log',
            {
                'token': log,
                'logfile': name,
                'vehicle': VEHICLE,
                'date_captured': start.strftime('%Y-%m-%d'),
                'location': name,
            },
        )
        yield (
            'map',
            {
                'token': map_token,
                'log_tokens': [log],
                'category': 'semantic_prior',
                'filename': layout.map_file(map_token),
            },
        )
        yield (
            'scene',
            {
                'token': self.tokens.of('scene', self.scene),
                'log_token': log,
                'nbr_samples': len(self.keys),
                'first_sample_token': self._sample_token(0),
                'last_sample_token': self._sample_token(len(self.keys) - 1),
                'name': name,
                'description': self.read(self.keys[0]).description,
            },
        )
        for channel in CHANNELS:
            intrinsic = [] if channel == LIDAR else self.rig.cam2img[channel].tolist()
            yield (
                'calibrated_sensor',
                {
                    'token': self.tokens.of('calibrated_sensor', self.scene, channel),
                    'sensor_token': self.tokens.of('sensor', channel),
                    **pose_fields(self.rig.sensor2ego[channel]),
                    'camera_intrinsic': intrinsic,
                },
            )

    def _sample(self, key: KeyframeKey, keyframe_rows: KeyframeRows) -> Row:
        return {
            'token': self._sample_token(key.index),
            'timestamp': keyframe_rows.timestamps[LIDAR],
            **self._links(key.index, self._sample_token),
            'scene_token': self.tokens.of('scene', self.scene),
        }

    def _ego_pose(self, key: KeyframeKey, channel: str, keyframe_rows: KeyframeRows) -> Row:
        return {
            'token': self.tokens.of('ego_pose', *key, channel),
            'timestamp': keyframe_rows.timestamps[channel],
            **keyframe_rows.ego_poses[channel],
        }

    def _sample_data(self, key: KeyframeKey, channel: str, keyframe_rows: KeyframeRows) -> Row:
        def token(index: int) -> str:
            return self.tokens.sample_data(KeyframeKey(self.scene, index), channel)

        timestamp = keyframe_rows.timestamps[channel]
        width, height = (0, 0) if channel == LIDAR else self.rig.image_size
        return {
            'token': token(key.index),
            'sample_token': self._sample_token(key.index),
            'ego_pose_token': self.tokens.of('ego_pose', *key, channel),
            'calibrated_sensor_token': self.tokens.of('calibrated_sensor', self.scene, channel),
            'timestamp': timestamp,
            'fileformat': 'pcd' if channel == LIDAR else 'jpg',
            'is_key_frame': True,
            'height': height,
            'width': width,
            'filename': layout.sensor_file(self.scene, channel, timestamp),
            **self._links(key.index, token),
        }

    def _annotation(self, key: KeyframeKey, box: Row) -> Row:
        instance = box['instance']
        appearances = self._appearances[instance]
        position = bisect_left(appearances, key.index)
        attribute = box['attribute']
        return {
            'token': self._annotation_token(instance, position),
            'sample_token': self._sample_token(key.index),
            'instance_token': self.tokens.of('instance', self.scene, instance),
            'visibility_token': visibility_token(box['visibility']),
            'attribute_tokens': [self.tokens.of('attribute', attribute)] if attribute else [],
            'translation': box['translation'],
            'size': box['size'],
            'rotation': box['rotation'],
            'prev': self._annotation_token(instance, position - 1),
            'next': self._annotation_token(instance, position + 1),
            'num_lidar_pts': box['num_lidar_pts'],
            'num_radar_pts': 0,
        }

    def _instance(self, instance: int) -> Row:
        count = len(self._appearances[instance])
        category = CATEGORIES[self._categories[instance]].name
        return {
            'token': self.tokens.of('instance', self.scene, instance),
            'category_token': self.tokens.of('category', category),
            'nbr_annotations': count,
            'first_annotation_token': self._annotation_token(instance, 0),
            'last_annotation_token': self._annotation_token(instance, count - 1),
        }

    def _sample_token(self, index: int) -> str:
        return self.tokens.of('sample', self.scene, index)

    def _annotation_token(self, instance: int, position: int) -> str:
        """Token of an object's annotation at a position among its own, '' beyond the ends."""
        appearances = self._appearances[instance]
        if not 0 <= position < len(appearances):
            return ''
        return self.tokens.of('sample_annotation', self.scene, appearances[position], instance)

    def _links(self, index: int, token: Callable[[int], str]) -> dict[str, str]:
        """`prev` and `next` of what each keyframe has."""
        return {
            'prev': token(index - 1) if index > 0 else '',
            'next': token(index + 1) if index + 1 < len(self.keys) else '',
        }
