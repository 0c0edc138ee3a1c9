"""From keypoints to angles, and from angles to zones, holds and exposure."""
