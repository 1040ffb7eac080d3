"""People on foot, and what carries people at walking pace: stroller, wheelchair, scooter."""

from __future__ import annotations

import numpy as np

from stslidr_city.catalog.categories import (
    ADULT,
    CHILD,
    CONSTRUCTION_WORKER,
    PERSONAL_MOBILITY,
    POLICE_OFFICER,
    STROLLER,
    WHEELCHAIR,
)
from stslidr_city.catalog.figure import (
    SIDES,
    Joints,
    Outfit,
    Person,
    add_figure,
    seated_joints,
    walking_joints,
)
from stslidr_city.catalog.finishes import (
    CHROME,
    CLOTHES_COLOURS,
    COLOURS,
    DARK_COLOURS,
    HIGH_VISIBILITY,
    RUBBER,
    Finish,
    draw_finish,
    vary,
)
from stslidr_city.catalog.model import Model, across, both_sides, draw_size
from stslidr_city.solids.solids import Solid

BAG_SHARE = 0.35


def adult(rng: np.random.Generator, walking: bool = True) -> Solid:
    """A grown person, mid-stride or standing, some with a bag; at most 14 parts."""
    model = Model()
    person = draw_adult(rng)
    outfit = draw_outfit(rng)
    bag = rng.random() < BAG_SHARE
    joints = _on_foot(rng, person, walking)
    add_figure(model, person, joints, outfit._replace(sleeves=None) if bag else outfit)
    if bag:
        _add_bag(model, rng, person, joints)
    return model.solid(ADULT)


def child(rng: np.random.Generator, walking: bool = True) -> Solid:
    """A person of 0.9 to 1.5 m with a larger head; at most 14 parts."""
    model = Model()
    height = float(rng.uniform(0.95, 1.5))
    person = Person(height, float(rng.uniform(0.95, 1.1)), 1.0 + 0.5 * (1.6 - height))
    add_figure(model, person, _on_foot(rng, person, walking), draw_outfit(rng))
    return model.solid(CHILD)


def construction_worker(rng: np.random.Generator, walking: bool = True) -> Solid:
    """An adult with a helmet and a high-visibility vest with a retroreflective band."""
    model = Model()
    person = draw_adult(rng)
    helmet = draw_finish(rng, 'plastic', ('white', 'yellow', 'orange', 'blue', 'red'))
    outfit = draw_outfit(rng)._replace(
        top=draw_finish(rng, 'cloth', HIGH_VISIBILITY),
        hair=helmet,
        sleeves=None,
        skirt=False,
        band=draw_finish(rng, 'retroreflector', ('white', 'silver', 'lime')),
        trousers=draw_finish(rng, 'cloth', (*DARK_COLOURS, 'orange', 'beige')),
    )
    add_figure(model, person, _on_foot(rng, person, walking), outfit)
    return model.solid(CONSTRUCTION_WORKER)


def police_officer(rng: np.random.Generator, walking: bool = True) -> Solid:
    """An adult in a dark uniform and a cap; some wear a band."""
    model = Model()
    person = draw_adult(rng)
    colour = str(rng.choice(['navy', 'navy', 'black', 'green', 'beige']))
    cloth = draw_finish(rng, 'cloth', (colour,))
    shirt = cloth if rng.random() < 0.6 else draw_finish(rng, 'cloth', ('blue', 'white', 'lime'))
    band = draw_finish(rng, 'retroreflector') if rng.random() < 0.4 else None
    outfit = draw_outfit(rng)._replace(
        top=shirt, trousers=cloth, hair=cloth, skirt=False, sleeves=None, band=band
    )
    add_figure(model, person, _on_foot(rng, person, walking), outfit)
    return model.solid(POLICE_OFFICER)


def stroller(rng: np.random.Generator) -> Solid:
    """A stroller: seat, hood, handle and four wheels; nobody pushes it. 11 parts."""
    model = Model()
    width, length, height = draw_size(rng, (0.60, 0.95, 1.08), 0.06)
    cloth = draw_finish(rng, 'cloth', CLOTHES_COLOURS)
    half, side, wheel = length / 2, width / 2, 0.11
    for x in (-half + wheel, half - wheel - 0.1):
        for span in both_sides(side - 0.06, side):
            model.wheel(RUBBER, x, span, wheel)
    for y in SIDES:
        at = y * (side - 0.07)
        model.frustum(CHROME, (half - 0.3, at, wheel), (-half + 0.02, at, height - 0.03), 0.015)
        model.frustum(CHROME, (-half + wheel, at, wheel), (0.1, at, 0.5 * height), 0.015)
    model.frustum(
        CHROME,
        (-half + 0.02, -side + 0.05, height - 0.02),
        (-half + 0.02, side - 0.05, height - 0.02),
        0.02,
    )
    model.prism(
        cloth,
        [(-0.25, 0.42), (0.38 * length, 0.35), (0.42 * length, 0.5), (0.0, 0.62), (-0.3, 0.6)],
        across(0.72 * width),
    )
    model.ellipsoid(
        draw_finish(rng, 'cloth', CLOTHES_COLOURS), (-0.08, 0, 0.7), (0.28, 0.38 * width, 0.27)
    )
    return model.solid(STROLLER)


def wheelchair(rng: np.random.Generator) -> Solid:
    """A wheelchair with the person in it, 21 parts."""
    model = Model()
    person = draw_adult(rng)
    seat = draw_finish(rng, 'cloth', DARK_COLOURS)
    width = float(rng.uniform(0.62, 0.72))
    pelvis = np.array([0.0, 0.0, 0.58])
    for x, radius, outer in ((0.02, 0.3, width / 2), (0.45, 0.09, width / 2 - 0.06)):
        for span in both_sides(outer - 0.04, outer):
            model.wheel(RUBBER, x, span, radius)
    model.box(seat, (-0.17, 0.36), across(width - 0.14), (0.44, 0.52))
    model.box(seat, (-0.2, -0.15), across(width - 0.14), (0.44, 0.95))
    model.box(CHROME, (0.48, 0.7), across(width - 0.3), (0.08, 0.12))
    for y in SIDES:
        model.frustum(CHROME, (-0.35, y * 0.22, 0.95), (-0.18, y * 0.22, 0.9), 0.018)
    ankles = np.array([[0.55, y * 0.09, 0.12 + 0.045 * person.height] for y in SIDES])
    hands = np.array([[0.22, y * 0.24, 0.68] for y in SIDES])
    joints = seated_joints(person, pelvis, -0.08, ankles, hands)
    add_figure(model, person, joints, draw_outfit(rng)._replace(sleeves=None, skirt=False))
    return model.solid(WHEELCHAIR)


def personal_mobility(rng: np.random.Generator) -> Solid:
    """Somebody who stands on a kick scooter or a skateboard, at most 19 parts."""
    model = Model()
    person = draw_adult(rng)
    deck = draw_finish(rng, 'metal', DARK_COLOURS)
    scooter = rng.random() < 0.75
    length, wheel = (1.05, 0.11) if scooter else (0.8, 0.045)
    joints = walking_joints(person, float(rng.uniform(0, 2 * np.pi)), 0.12)
    floor = 2 * wheel - 0.02
    lift = np.array([0, 0, floor + 0.03])
    joints = joints._replace(**{name: getattr(joints, name) + lift for name in joints._fields})
    for x in (-length / 2 + wheel, length / 2 - wheel):
        model.wheel(RUBBER, x, across(0.05 if scooter else 0.2), wheel)
    model.box(deck, (-length / 2 + wheel, length / 2 - wheel), across(0.2), (floor, floor + 0.03))
    if scooter:
        bar = (0.36, 0.88 + 0.1 * person.height)
        model.frustum(CHROME, (length / 2 - wheel, 0, wheel), (bar[0], 0, bar[1]), 0.022)
        model.frustum(CHROME, (bar[0], -0.24, bar[1]), (bar[0], 0.24, bar[1]), 0.018)
        hands = np.array([[bar[0] - 0.02, y * 0.22, bar[1] + 0.02] for y in SIDES])
        joints = seated_joints(person, joints.pelvis, 0.08, joints.ankles, hands)
    add_figure(model, person, joints, draw_outfit(rng)._replace(skirt=False))
    return model.solid(PERSONAL_MOBILITY)


def draw_adult(rng: np.random.Generator) -> Person:
    """Height about 1.72 m with shoes, 1.5 to 1.97 m."""
    height = float(np.clip(rng.normal(1.73, 0.09), 1.5, 1.97))
    return Person(height, float(np.clip(rng.normal(1.08, 0.12), 0.85, 1.4)))


def draw_outfit(rng: np.random.Generator) -> Outfit:
    """Everyday clothes: any colours, sleeves short or long, sometimes a skirt or a coat."""
    skin = draw_finish(rng, 'skin')
    top = draw_finish(rng, 'cloth', CLOTHES_COLOURS)
    hat = rng.random() < 0.2
    hair = draw_finish(rng, 'cloth', CLOTHES_COLOURS) if hat else draw_finish(rng, 'hair')
    skirt = bool(rng.random() < 0.15)
    return Outfit(
        top=top,
        trousers=draw_finish(rng, 'cloth', (*CLOTHES_COLOURS, *DARK_COLOURS)),
        shoes=draw_finish(rng, 'rubber')
        if rng.random() < 0.5
        else Finish(
            'plastic', 0, vary(rng, COLOURS[str(rng.choice(['white', 'brown', 'black', 'red']))])
        ),
        skin=skin,
        hair=hair,
        sleeves=skin if rng.random() < 0.5 else top,
        skirt=skirt,
    )


def _on_foot(rng: np.random.Generator, person: Person, walking: bool) -> Joints:
    """Joints of somebody who walks at any phase, or stands."""
    phase = float(rng.uniform(0, 2 * np.pi))
    return walking_joints(
        person, phase, float(rng.uniform(0.3, 0.5) if walking else rng.uniform(0.0, 0.1))
    )


def _add_bag(model: Model, rng: np.random.Generator, person: Person, joints: Joints) -> None:
    """Add a rucksack on the back, or a bag in the right hand (1 part)."""
    cloth = draw_finish(rng, 'cloth', CLOTHES_COLOURS)
    if rng.random() < 0.5:
        back = joints.neck - np.array([0.075 * person.height * person.girth, 0, 0])
        model.ellipsoid(cloth, back + np.array([-0.06, 0, -0.2]), (0.11, 0.17, 0.24))
        return
    x, y, z = joints.hands[1]
    size = rng.uniform(0.8, 1.2)
    top = float(z) + 0.02
    model.loft(
        cloth,
        ((x - 0.2 * size, x + 0.2 * size), (y - 0.08, y + 0.04)),
        ((x - 0.16 * size, x + 0.16 * size), (y - 0.05, y + 0.01)),
        (top - 0.33 * size, top),
    )
