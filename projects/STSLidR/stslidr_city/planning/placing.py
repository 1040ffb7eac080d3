"""Putting solids into the city: objects with numbers and attributes, each on ground of its own."""

from __future__ import annotations

import math

import numpy as np

from stslidr_city.catalog.annotated import ANNOTATED, attribute_choice
from stslidr_city.catalog.finishes import LOOKS
from stslidr_city.planning.footprints import Claims, Rectangle
from stslidr_city.planning.frame import CityFrame
from stslidr_city.planning.plan import Area
from stslidr_city.planning.stock import Stock
from stslidr_city.solids.shapes import Polyhedron
from stslidr_city.solids.solids import Motion, Part, SceneObject, Solid, Standing

LEFT_THERE, IN_USE = 0, 1
"""Attributes of standing vehicles: parked or with a driver; of cycles: without or with rider."""
GROUND_DEPTH = 0.4  # metres; how far below its top a ground cover reaches down


def scene_object(solid: Solid, motion: Motion, instance: int, standing: int = 0) -> SceneObject:
    """An object with what its class allows: a number and attributes, or none of them.

    Args:
        solid: what it is.
        motion: where it is.
        instance: its number, for classes with boxes.
        standing: which of its class' attributes it bears while it stands, the last one if it has
            not so many.
    """
    if solid.category not in ANNOTATED:
        return SceneObject(solid, motion)
    choice = attribute_choice(solid.category)
    attribute = choice.standing[min(standing, len(choice.standing) - 1)] if choice.standing else ''
    return SceneObject(solid, motion, instance, attribute=attribute, moving_attribute=choice.moving)


def footprint(solid: Solid, x: float, y: float, yaw: float, margin: float = 0.0) -> Rectangle:
    """The rectangle along the city's axes about a solid at (x, y) with a heading in the city."""
    (x0, y0, _), (x1, y1, _) = solid.bounds
    cosine, sine = math.cos(yaw), math.sin(yaw)
    corners = [(cosine * u - sine * v, sine * u + cosine * v) for u in (x0, x1) for v in (y0, y1)]
    across, up = zip(*corners, strict=True)
    return (
        x + min(across) - margin,
        y + min(up) - margin,
        x + max(across) + margin,
        y + max(up) + margin,
    )


class Placer:
    """Collects the objects of one piece of the city.

    Args:
        frame: where the city lies in the world.
        stock: what there is to put.
        claims: ground that is taken already.
        first_instance: number of the first object that gets one.
    """

    def __init__(self, frame: CityFrame, stock: Stock, claims: Claims, first_instance: int) -> None:
        self.frame = frame
        self.stock = stock
        self.claims = claims
        self.objects: list[SceneObject] = []
        self._instance = first_instance

    def put(
        self, solid: Solid, place: tuple[float, float], ground: float, yaw: float, standing: int = 0
    ) -> None:
        """Put a solid at a place of the city, whatever stands there."""
        self.add(solid, Standing(self.frame.pose(*place, ground, yaw)), standing)

    def add(self, solid: Solid, motion: Motion, standing: int = 0) -> None:
        """Add a solid with a motion of its own."""
        self.objects.append(scene_object(solid, motion, self._instance, standing))
        self._instance += solid.category in ANNOTATED

    def try_put(
        self,
        solid: Solid,
        place: tuple[float, float],
        ground: float,
        yaw: float,
        margin: float = 0.15,
        standing: int = 0,
    ) -> bool:
        """Put a solid if its footprint and a margin are free, and take that ground."""
        free = self.claims.claim(footprint(solid, *place, yaw, margin))
        if free:
            self.put(solid, place, ground, yaw, standing)
        return free

    def try_put_foot(
        self,
        solid: Solid,
        place: tuple[float, float],
        ground: float,
        yaw: float,
        radius: float = 0.5,
    ) -> bool:
        """Put what stands on one foot, such as a tree, if the ground within `radius` is free."""
        x, y = place
        free = self.claims.claim((x - radius, y - radius, x + radius, y + radius))
        if free:
            self.put(solid, place, ground, yaw)
        return free

    def cover(self, area: Area, rng: np.random.Generator) -> None:
        """Add a flat piece of ground."""
        centre = area.outline.mean(axis=0)
        shape = Polyhedron.slab(area.outline - centre, area.top - GROUND_DEPTH, area.top)
        shade = float(rng.uniform(0.8, 1.15))
        part = Part(shape, area.material, int(rng.integers(LOOKS)), (shade, shade, shade))
        self.put(Solid((part,), area.category), (float(centre[0]), float(centre[1])), 0.0, 0.0)
