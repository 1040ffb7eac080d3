"""The sensors: rig, sweep, images and boxes of one keyframe."""
