"""Records of one scene from keyframes in memory: keys, chains, objects that come and go."""

from __future__ import annotations

import weakref
from collections import defaultdict

import pytest
from fake_recorder import FakeRecorder
from foreign_keys import by_token, check_tables

from stslidr_city.catalog.categories import CATEGORIES
from stslidr_city.dataset.fixed_tables import fixed_tables
from stslidr_city.dataset.keyframe_rows import KeyframeRows
from stslidr_city.dataset.layout import KeyframeKey, Tokens
from stslidr_city.dataset.scene_tables import TABLES, SceneTables
from stslidr_city.recording.rig import CHANNELS, LIDAR, Rig

RIG = Rig((64, 36))
SEEN = {3: (0, 1, 2, 3, 4), 40: (2,), 2**32 - 1: (0, 3), 8: (1, 2, 4)}
"""Instance -> keyframes of five in which it is annotated."""


def box(instance, index):
    return {
        'instance': instance,
        'category': 17 if instance != 40 else 2,
        'translation': [float(index), 0.0, 1.0],
        'size': [1.9, 4.5, 1.7],
        'rotation': [1.0, 0.0, 0.0, 0.0],
        'num_lidar_pts': 3,
        'visibility': 0.7,
        'attribute': 'vehicle.parked' if instance == 3 else '',
    }


def read(key):
    """A keyframe whose objects are those of `SEEN`."""
    made = KeyframeRows.of(key.scene, f'scene {key.scene}', FakeRecorder(7).record(key), {})
    made.boxes[:] = [box(instance, key.index) for instance, at in SEEN.items() if key.index in at]
    return made


def rows_of(scene=0, keyframes=5, seed=7, read=read):
    return list(SceneTables(Tokens(seed), RIG, scene, keyframes, read).rows())


def tables_of(*scenes, seed=7, **options):
    """All tables, of one data set with these scenes."""
    tables = defaultdict(list, fixed_tables(Tokens(seed)))
    for scene in scenes:
        for name, row in rows_of(scene, seed=seed, **options):
            tables[name].append(row)
    return tables


@pytest.fixture(scope='module')
def tables():
    return tables_of(0)


def test_keys_fields_and_chains_of_several_scenes():
    """The same instances in each scene are different objects."""
    tables = tables_of(0, 1, 4)
    check_tables(tables)
    assert len(tables['instance']) == 3 * len(SEEN)
    assert len({record['location'] for record in tables['log']}) == 3


def test_a_scene_of_one_keyframe_has_no_links():
    def alone(key):
        assert key == KeyframeKey(0, 0)
        return read(key)

    tables = tables_of(0, keyframes=1, read=alone)
    check_tables(tables)
    for name in ('sample', 'sample_data', 'sample_annotation'):
        assert tables[name] and all(row['prev'] == row['next'] == '' for row in tables[name])
    (scene,) = tables['scene']
    assert scene['first_sample_token'] == scene['last_sample_token']
    assert scene['nbr_samples'] == 1


def test_an_empty_street_has_no_objects():
    def empty(key):
        made = read(key)
        made.boxes.clear()
        return made

    names = [name for name, _ in rows_of(read=empty)]
    assert 'sample_annotation' not in names and 'instance' not in names
    assert names.count('lidarseg') == 5 and names.count('sample_data') == 35


def test_annotations_of_an_object_are_linked_over_the_keyframes_without_it(tables):
    """Each chain visits just the keyframes in which the object is annotated."""
    annotations, samples = (by_token(tables[name]) for name in ('sample_annotation', 'sample'))
    order = [record['token'] for record in tables['sample']]
    chains = []
    for instance in tables['instance']:
        token, visited = instance['first_annotation_token'], []
        while token:
            record = annotations[token]
            assert record['instance_token'] == instance['token']
            visited.append(order.index(record['sample_token']))
            assert record['translation'][0] == visited[-1]
            last, token = token, record['next']
        assert last == instance['last_annotation_token']
        assert len(visited) == instance['nbr_annotations']
        chains.append(tuple(visited))
    assert sorted(chains) == sorted(SEEN.values())
    assert len(samples) == 5 and chains[-1] == SEEN[2**32 - 1], 'instances go by number'


def test_instances_have_the_class_and_annotations_the_attribute_of_their_boxes(tables):
    categories, attributes = (by_token(tables[name]) for name in ('category', 'attribute'))
    names = {categories[row['category_token']]['name'] for row in tables['instance']}
    assert names == {CATEGORIES[17].name, CATEGORIES[2].name}
    parked = [row for row in tables['sample_annotation'] if row['attribute_tokens']]
    assert len(parked) == len(SEEN[3])
    (token,) = {token for row in parked for token in row['attribute_tokens']}
    assert attributes[token]['name'] == 'vehicle.parked'
    assert {row['visibility_token'] for row in tables['sample_annotation']} == {'3'}


def test_every_sensor_of_a_keyframe_has_its_file_pose_and_calibration(tables):
    poses, calibrated, sensors = (
        by_token(tables[name]) for name in ('ego_pose', 'calibrated_sensor', 'sensor')
    )
    assert len(tables['sample_data']) == 5 * len(CHANNELS) == len(poses)
    by_sample = defaultdict(set)
    for record in tables['sample_data']:
        mounted = calibrated[record['calibrated_sensor_token']]
        channel = sensors[mounted['sensor_token']]['channel']
        by_sample[record['sample_token']].add(channel)
        assert record['filename'].startswith(f'samples/{channel}/')
        assert str(record['timestamp']) in record['filename']
        assert poses[record['ego_pose_token']]['timestamp'] == record['timestamp']
        lidar = channel == LIDAR
        assert (record['width'], record['height']) == ((0, 0) if lidar else (64, 36))
        assert record['fileformat'] == ('pcd' if lidar else 'jpg')
        assert (mounted['camera_intrinsic'] == []) == lidar
    assert len(by_sample) == 5 and all(found == set(CHANNELS) for found in by_sample.values())


def test_rows_come_in_order_of_time_and_name_every_table():
    rows = rows_of()
    assert {name for name, _ in rows} == set(TABLES)
    stamps = [row['timestamp'] for name, row in rows if name == 'sample']
    assert stamps == sorted(stamps)
    for channel in CHANNELS:
        stamps = [
            row['timestamp']
            for name, row in rows
            if name == 'sample_data' and f'/{channel}/' in row['filename']
        ]
        assert len(stamps) == 5 and stamps == sorted(stamps)


def test_tokens_follow_from_the_seed_and_differ_between_data_sets():
    def tokens(seed):
        return {row['token'] for name, row in rows_of(seed=seed)}

    assert tokens(7) == tokens(7)
    assert not tokens(7) & tokens(8)


def test_few_keyframes_are_in_memory_at_a_time():
    """Of 60 that are read, no more than the one in use and the one that follows it."""
    made, most = [], []

    def watched(key):
        record = read(KeyframeKey(key.scene, key.index % 5))
        made.append(weakref.ref(record))
        most.append(sum(each() is not None for each in made))
        return record

    assert sum(1 for _ in SceneTables(Tokens(7), RIG, 0, 60, watched).rows()) > 900
    assert len(most) > 120 and max(most) <= 2
