"""From the camera's axes to those of motion laboratories and back.

Ours are x right, y down, z away from the camera. Laboratories have one axis up and a right-handed system: x right,
y up, z towards the camera, as OpenSim has it (y up). The same step leads back.
"""

import numpy as np

from posture.interchange.motion import Dense

_FLIP = np.array([1.0, -1.0, -1.0])


def y_up(points: Dense) -> Dense:
    """The points, [..., 3], with y and z the other way round."""
    return np.asarray(points * _FLIP)
