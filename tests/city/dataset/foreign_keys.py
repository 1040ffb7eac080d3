"""The tables of nuScenes: their fields, and which of them name a record of which table."""

from __future__ import annotations

import json

FIELDS = {
    'category': 'token name description index',
    'attribute': 'token name description',
    'visibility': 'token level description',
    'sensor': 'token channel modality',
    'calibrated_sensor': 'token sensor_token translation rotation camera_intrinsic',
    'log': 'token logfile vehicle date_captured location',
    'map': 'token log_tokens category filename',
    'scene': 'token log_token nbr_samples first_sample_token last_sample_token name description',
    'sample': 'token timestamp prev next scene_token',
    'sample_data': 'token sample_token ego_pose_token calibrated_sensor_token timestamp fileformat '
    'is_key_frame height width filename prev next',
    'ego_pose': 'token timestamp translation rotation',
    'lidarseg': 'token sample_data_token filename',
    'instance': 'token category_token nbr_annotations first_annotation_token last_annotation_token',
    'sample_annotation': 'token sample_token instance_token visibility_token attribute_tokens '
    'translation size rotation prev next num_lidar_pts num_radar_pts',
}
"""As nuscenes-devkit's schema.md and its lidarseg schema list them."""
REFERENCES = [
    ('calibrated_sensor', 'sensor_token', 'sensor'),
    ('map', 'log_tokens', 'log'),
    ('scene', 'log_token', 'log'),
    ('scene', 'first_sample_token', 'sample'),
    ('scene', 'last_sample_token', 'sample'),
    ('sample', 'scene_token', 'scene'),
    ('sample_data', 'sample_token', 'sample'),
    ('sample_data', 'ego_pose_token', 'ego_pose'),
    ('sample_data', 'calibrated_sensor_token', 'calibrated_sensor'),
    ('lidarseg', 'sample_data_token', 'sample_data'),
    ('instance', 'category_token', 'category'),
    ('instance', 'first_annotation_token', 'sample_annotation'),
    ('instance', 'last_annotation_token', 'sample_annotation'),
    ('sample_annotation', 'sample_token', 'sample'),
    ('sample_annotation', 'instance_token', 'instance'),
    ('sample_annotation', 'visibility_token', 'visibility'),
    ('sample_annotation', 'attribute_tokens', 'attribute'),
]
"""Table, field, and the table that it refers to."""
CHAINED = ('sample', 'sample_data', 'sample_annotation')


def read_tables(folder):
    """Table -> records, of a version folder."""
    return {name: json.loads((folder / f'{name}.json').read_text()) for name in FIELDS}


def by_token(records):
    """Records by their token; an error if two have the same."""
    found = {record['token']: record for record in records}
    assert len(found) == len(records)
    return found


def check_tables(tables):
    """Fields are nuScenes', tokens are unique, all that is referred to is there, links go back."""
    records = {name: by_token(tables[name]) for name in FIELDS}
    for name, fields in FIELDS.items():
        for record in tables[name]:
            assert set(record) == set(fields.split()), name
    for name, field, target in REFERENCES:
        for record in tables[name]:
            tokens = record[field] if field.endswith('tokens') else [record[field]]
            assert all(token in records[target] for token in tokens), (name, field)
    for name in CHAINED:
        for token, record in records[name].items():
            for forth, back in (('next', 'prev'), ('prev', 'next')):
                if record[forth]:
                    assert records[name][record[forth]][back] == token
