"""Trucks from pickup to semi-tractor, ambulances, and trailers."""

from __future__ import annotations

import numpy as np

from stslidr_city.catalog.categories import AMBULANCE, TRAILER, TRUCK
from stslidr_city.catalog.finishes import (
    BLACK_PLASTIC,
    CAR_COLOURS,
    CHROME,
    COLOURS,
    GLASS,
    MACHINE_COLOURS,
    WALL_COLOURS,
    Finish,
    draw_finish,
    pick,
)
from stslidr_city.catalog.model import Model, Span, across, draw_size
from stslidr_city.catalog.vehicle_parts import (
    GAP,
    add_axles,
    add_lights,
    add_plates,
    add_wide_axles,
)
from stslidr_city.solids.solids import Solid

WHEEL_RADIUS = 0.48
CHASSIS = Finish('metal', 0, COLOURS['black'])


def truck(rng: np.random.Generator) -> Solid:
    """A pickup, box truck, flatbed, tanker, dump truck or semi-tractor, at most 20 parts.

    nuScenes counts pickups among the trucks; the mean size is about nuScenes' mean.
    """
    build = TRUCKS[rng.choice(len(TRUCKS), p=TRUCK_SHARES)]
    model = Model()
    build(model, rng)
    return model.solid(TRUCK)


def ambulance(rng: np.random.Generator) -> Solid:
    """A cab with a box behind it, a retroreflective stripe and blue or red lamps."""
    model = Model()
    width, length, height = draw_size(rng, (2.25, 6.2, 2.65))
    paint = draw_finish(rng, 'car_paint', ('white', 'white', 'yellow', 'lime', 'red'))
    cab = 0.32 * length
    _add_cab(model, (length / 2 - cab, length / 2), 0.92 * width, (0.3, 0.82 * height), paint)
    box = -length / 2 + GAP, length / 2 - cab + 0.25
    model.box(paint, box, across(width), (0.4, height - 0.12))
    stripe = draw_finish(rng, 'retroreflector', ('red', 'orange', 'blue', 'lime'))
    model.box(
        stripe, (box[0] + 0.02, box[1] - 0.02), across(width + GAP), (0.38 * height, 0.47 * height)
    )
    model.box(
        GLASS, (box[0] + 0.2, box[0] + 1.2), across(width + GAP), (0.55 * height, 0.75 * height)
    )
    lamp = Finish('lamp', 0, COLOURS[str(rng.choice(['blue', 'red']))])
    for x in (box[0], box[1] - 0.3):
        model.box(lamp, (x, x + 0.3), across(0.8 * width), (height - 0.13, height))
    _add_running_gear(model, length, width, (0.3 * length, -0.3 * length), 0.37)
    return model.solid(AMBULANCE)


def trailer(rng: np.random.Generator) -> Solid:
    """A semi-trailer: box, tarpaulin, container on a flatbed, or tank; at most 14 parts."""
    model = Model()
    width, length, height = draw_size(rng, (2.85, 12.3, 3.85), 0.05)
    floor = 1.15
    model.box(CHASSIS, (-length / 2 + 0.1, length / 2 - 0.1), across(0.5 * width), (0.75, floor))
    load = -length / 2 + GAP, length / 2 - GAP
    kind = rng.choice(['box', 'tarpaulin', 'container', 'tank'], p=[0.4, 0.25, 0.2, 0.15])
    if kind == 'tank':
        _add_tank(model, rng, load, width, (floor, height))
    else:
        _add_box_load(model, rng, load, width, (floor, height), str(kind))
    rear = -length / 2 + 0.12 * length
    add_wide_axles(model, (rear, rear + 1.3, rear + 2.6), width - 2 * GAP, WHEEL_RADIUS)
    for y in (-0.3 * width, 0.3 * width):
        model.box(CHASSIS, (0.24 * length, 0.24 * length + 0.15), (y - 0.08, y + 0.08), (0, 1.0))
    add_lights(model, length, width, (floor + 0.1, floor + 0.2), (0.85, 1.05))
    return model.solid(TRAILER)


def _pickup(model: Model, rng: np.random.Generator) -> None:
    """A bonnet, a cabin, and an open or closed bed."""
    width, length, height = draw_size(rng, (2.02, 5.6, 1.92))
    paint = draw_finish(rng, 'car_paint', CAR_COLOURS)
    belt, half = 0.6 * height, length / 2 - GAP
    model.prism(
        paint,
        [
            (-half, 0.25),
            (0.97 * half, 0.25),
            (half, 0.4),
            (half, 0.5 * height),
            (0.45 * half, belt),
            (-half, belt),
        ],
        across(width - 2 * GAP),
    )
    foot, roof = (-0.18 * half, 0.5 * half), (-0.14 * half, 0.24 * half)
    wide, narrow, high = across(0.92 * width), across(0.78 * width), 0.955 * height
    model.loft(GLASS, (foot, wide), (roof, narrow), (0.95 * belt, high))
    model.loft(
        paint,
        ((roof[0] - 0.05, roof[1] + 0.05), across(0.8 * width)),
        ((roof[0] + 0.1, roof[1] - 0.1), across(0.7 * width)),
        (high - 0.02, height),
    )
    model.loft(
        paint,
        ((0.1 * half, 0.1 * half + 0.1), across(0.925 * width)),
        ((0.04 * half, 0.04 * half + 0.1), across(0.785 * width)),
        (0.9 * belt, high),
    )
    if rng.random() < 0.4:  # a cover over the bed
        model.loft(
            paint,
            ((-half + 0.05, -0.2 * half), across(0.92 * width)),
            ((-half + 0.2, -0.2 * half), across(0.8 * width)),
            (belt - 0.02, 0.97 * height),
        )
    else:
        bed = draw_finish(rng, 'plastic', ('black', 'grey'))
        model.box(
            bed, (-half + 0.06, -0.2 * half), across(width - 0.25), (belt - 0.2, belt + 0.004)
        )
    add_axles(model, (0.6 * half, -0.62 * half), width, 0.38)
    add_lights(model, length, width, (0.4 * height, 0.49 * height), (0.42 * height, 0.58 * height))
    add_plates(model, length, (0.5, 0.61))


def _box_truck(model: Model, rng: np.random.Generator) -> None:
    width, length, height = draw_size(rng, (2.55, 7.3, 3.2), 0.07)
    cab, load = _add_truck_front(model, rng, width, length, 0.78 * height)
    _add_box_load(model, rng, load, width, (0.95, height), str(rng.choice(['box', 'tarpaulin'])))
    _add_running_gear(model, length, width, (length / 2 - 0.6 * cab, -0.28 * length))


def _flatbed(model: Model, rng: np.random.Generator) -> None:
    """An open platform with a pile of something on it, or empty."""
    width, length, height = draw_size(rng, (2.55, 7.2, 2.75), 0.06)
    cab, load = _add_truck_front(model, rng, width, length, height)
    side = draw_finish(rng, 'metal', CAR_COLOURS)
    model.box(draw_finish(rng, 'wood'), load, across(width), (0.95, 1.12))
    model.box(side, (load[1] - 0.1, load[1]), across(width), (1.1, 1.9))
    if rng.random() < 0.7:
        pile = pick(rng, [draw_finish(rng, name) for name in ('wood', 'metal', 'brick', 'soil')])
        end = load[0] + rng.uniform(0.4, 0.8) * (load[1] - load[0])
        model.loft(
            pile,
            ((load[0] + 0.1, end), across(0.9 * width)),
            ((load[0] + 0.3, end - 0.2), across(rng.uniform(0.5, 0.9) * width)),
            (1.1, rng.uniform(1.4, 2.2)),
        )
    _add_running_gear(model, length, width, (length / 2 - 0.6 * cab, -0.28 * length))


def _tanker(model: Model, rng: np.random.Generator) -> None:
    width, length, height = draw_size(rng, (2.55, 7.8, 3.05), 0.06)
    cab, load = _add_truck_front(model, rng, width, length, 0.95 * height)
    _add_tank(model, rng, load, width, (1.0, height))
    _add_running_gear(model, length, width, (length / 2 - 0.6 * cab, -0.3 * length))


def _dump_truck(model: Model, rng: np.random.Generator) -> None:
    """A hopper, wider at the top than at its floor, and a heap in it."""
    width, length, height = draw_size(rng, (2.6, 7.5, 3.1), 0.06)
    cab, load = _add_truck_front(model, rng, width, length, 0.95 * height)
    hopper = draw_finish(rng, 'metal', (*MACHINE_COLOURS, 'blue'))
    rim = 0.85 * height
    model.loft(
        hopper,
        ((load[0] + 0.5, load[1] - 0.2), across(0.8 * width)),
        (load, across(width)),
        (1.0, rim),
    )
    heap = draw_finish(rng, str(rng.choice(['soil', 'gravel'])))
    model.ellipsoid(
        heap,
        ((load[0] + load[1]) / 2, 0, rim - 0.05),
        (0.44 * (load[1] - load[0]), 0.44 * width, height - rim + 0.05),
    )
    _add_running_gear(
        model, length, width, (length / 2 - 0.6 * cab, -0.2 * length, -0.2 * length - 1.25)
    )


def _tractor(model: Model, rng: np.random.Generator) -> None:
    """The front of a semi-trailer truck, without its trailer."""
    width, length, height = draw_size(rng, (2.6, 6.3, 3.4), 0.05)
    cab, load = _add_truck_front(model, rng, width, length, height, cab_length=2.4)
    model.frustum(CHASSIS, (-0.2 * length, 0, 0.9), (-0.2 * length, 0, 1.15), 0.5)
    tank = draw_finish(rng, 'metal', ('silver', 'white'))
    for y in (-0.42 * width, 0.42 * width):
        model.frustum(tank, (-0.1 * length, y, 0.75), (0.1 * length, y, 0.75), 0.2)
    _add_running_gear(
        model, length, width, (length / 2 - 0.55 * cab, -0.2 * length, -0.2 * length - 1.2)
    )


TRUCKS = (_pickup, _box_truck, _flatbed, _tanker, _dump_truck, _tractor)
TRUCK_SHARES = (0.22, 0.34, 0.12, 0.09, 0.13, 0.10)


def _add_truck_front(
    model: Model,
    rng: np.random.Generator,
    width: float,
    length: float,
    height: float,
    cab_length: float = 1.95,
) -> tuple[float, Span]:
    """Add cab and chassis (5 parts).

    Returns:
        length of the cab, and the span in x that is left for the load.
    """
    paint = draw_finish(rng, 'car_paint', CAR_COLOURS)
    cab = cab_length * rng.uniform(0.92, 1.1)
    front = length / 2
    _add_cab(model, (front - cab, front), width - 0.1, (0.42, height), paint)
    model.box(CHASSIS, (-front + GAP, front - cab + 0.2), across(0.42 * width), (0.6, 0.96))
    return cab, (-front + GAP, front - cab - 0.12)


def _add_cab(model: Model, x: Span, width: float, z: Span, paint: Finish) -> None:
    """Add a cab (4 parts) that ends GAP before x[1]: body, windscreen, side windows, bumper."""
    front, height = x[1] - GAP, z[1] - z[0]
    sill = z[0] + 0.45 * height
    model.prism(
        paint,
        [
            (x[0], z[0]),
            (front, z[0]),
            (front, sill),
            (front - 0.12, z[1] - 0.15),
            (front - 0.35, z[1]),
            (x[0], z[1]),
        ],
        across(width),
    )
    low, high = sill + 0.06, z[1] - 0.25 * height
    slope = 0.12 / (z[1] - 0.15 - sill)
    screen = [front - slope * (level - sill) for level in (low, high)]
    model.prism(
        GLASS,
        [
            (screen[0] - 0.3, low),
            (screen[0] + GAP, low),
            (screen[1] + GAP, high),
            (screen[1] - 0.3, high),
        ],
        across(0.9 * width),
    )
    model.prism(
        GLASS,
        [(front - 1.05, low), (front - 0.22, low), (front - 0.3, high), (front - 1.05, high)],
        across(width + GAP),
    )
    model.box(
        BLACK_PLASTIC,
        (front - 0.3, front + 0.4 * GAP),
        across(width + GAP),
        (z[0] - 0.1, z[0] + 0.12 * height),
    )


def _add_box_load(
    model: Model, rng: np.random.Generator, x: Span, width: float, z: Span, kind: str
) -> None:
    """Add a closed load (2 parts): a box, a tarpaulin with a retroreflective rim, a container."""
    material = {'box': 'car_paint', 'tarpaulin': 'cloth', 'container': 'metal'}[kind]
    body = draw_finish(rng, material, CAR_COLOURS if kind == 'box' else WALL_COLOURS)
    top = z[1] - (0 if kind == 'box' else rng.uniform(0, 0.3))
    model.box(body, x, across(width), (z[0], top))
    rim = draw_finish(rng, 'retroreflector', ('red', 'white', 'yellow'))
    model.box(
        rim if rng.random() < 0.5 else CHASSIS,
        (x[0] - GAP / 3, x[1] - 0.02),
        across(width + GAP / 2),
        (z[0] - 0.06, z[0] + 0.06),
    )


def _add_tank(model: Model, rng: np.random.Generator, x: Span, width: float, z: Span) -> None:
    """Add a cylinder, the saddle that it lies in and a catwalk on it (3 parts)."""
    shell = draw_finish(rng, 'metal', ('silver', 'silver', 'white', 'white', 'green', 'orange'))
    radius = min((z[1] - z[0] - 0.1) / 2, width / 2)
    middle = z[1] - 0.08 - radius
    model.frustum(shell, (x[0], 0, middle), (x[1], 0, middle), radius)
    model.box(CHASSIS, (x[0] + 0.3, x[1] - 0.3), across(width), (z[0] - 0.05, z[0] + 0.12))
    model.box(CHROME, (x[0] + 0.6, x[1] - 0.6), across(0.5), (z[1] - 0.12, z[1]))


def _add_running_gear(
    model: Model,
    length: float,
    width: float,
    axles: tuple[float, ...],
    radius: float = WHEEL_RADIUS,
) -> None:
    """Add axles, lights and plates (6 parts and as many as there are axles)."""
    add_axles(model, axles[:1], width, radius)
    add_wide_axles(model, axles[1:], width - GAP, radius)
    add_lights(model, length, width, (0.62, 0.8), (0.72, 0.9))
    add_plates(model, length, (0.5, 0.61))
