"""Surfaces as the ray caster hands them out, made by hand: some points on some parts."""

from __future__ import annotations

import numpy as np

from stslidr_city.raycasting.surface import Surface
from stslidr_city.solids.shapes import Polyhedron
from stslidr_city.solids.solids import WHITE, Part


def part(material, look=0, tint=WHITE):
    return Part(Polyhedron.box((-1, -1, 0), (1, 1, 1)), material, look, tint)


def surface_of(parts, part_of_point, points, normals, distance=10.0, incidence=1.0, ray=None):
    """Object frame and world coincide; ray number = point number unless given."""
    count = len(points)
    points = np.asarray(points, np.float32)
    normals = np.broadcast_to(np.asarray(normals, np.float32), (count, 3))
    part_of_point = np.broadcast_to(np.asarray(part_of_point, np.int32), (count,))
    return Surface(
        ray=np.arange(count) if ray is None else np.asarray(ray, np.int64),
        distance=np.broadcast_to(np.asarray(distance, np.float32), (count,)),
        points=points,
        local=points,
        normals=normals,
        local_normals=normals,
        incidence=np.broadcast_to(np.asarray(incidence, np.float32), (count,)),
        object=np.zeros(count, np.int32),
        category=np.zeros(count, np.uint8),
        part=part_of_point,
        parts=tuple(parts),
        part_object=np.zeros(len(parts), np.int32),
    )
