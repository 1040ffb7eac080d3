"""The kinds of what can be wrong with a keyframe."""

KINDS = {
    'missing': 'a file is not there',
    'damaged': 'a file cannot be read, is cut off, or is not as the info file says',
    'entry': 'the info file lacks a value, or has one of a wrong type',
    'calibration': 'a pose or a calibration that is not finite or no rotation, or that no camera '
    'has; a camera that is turned or moved against its place in other samples',
    'pairs': 'a camera in whose image no point of the sweep lies',
    'image': 'an image of one colour',
    'superpixels': 'a map of one superpixel, or one that does not fit its image',
    'labels': 'unknown labels, none at all, or labels that do not fit their sweep',
    'copies': 'two files of the same content, or two samples of the same sweep',
    'changed': 'a file that is not as its hash says',
}
"""Kind of a finding -> what it is."""
