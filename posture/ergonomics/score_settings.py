"""What published sources disagree about, as named settings: every report prints those that were in force.

The defaults are the values of the papers. OWAS and the flags of all methods have no angles in their papers; the
cut-offs here are those that published implementations use.
"""

from typing import Annotated, Literal

import msgspec

Cutoff = Annotated[float, msgspec.Meta(ge=0, le=180)]


class ScoreSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Variants of RULA, REBA and OWAS."""

    rula_static_min: Literal["paper_1993", "ergoplus_worksheet"] = "paper_1993"
    """From when on RULA calls a posture static: 1 minute in the paper, 10 minutes on a common worksheet."""
    rula_force_over_10kg_intermittent: Annotated[int, msgspec.Meta(ge=2, le=3)] = 2
    """RULA points for more than 10 kg, now and then: 2 in the paper, 3 on worksheets."""
    rula_lower_arm_adds: Literal["one", "each"] = "one"
    """RULA lower arm across the midline or out to the side: one point in all, or one for each."""
    reba_twist_and_side: Literal["one", "each"] = "one"
    """REBA neck and trunk twisted or bent to the side: one point in all (paper), or one for each (worksheet)."""
    reba_trunk_extension: Literal["paper_2000", "worksheet"] = "paper_2000"
    """REBA trunk leaning back by more than 20 degrees: 3 points in the paper, 2 on a worksheet."""
    owas_4132: Annotated[int, msgspec.Meta(ge=2, le=3)] = 2
    """OWAS action category of code 4132; sources disagree, most say 2."""
    owas_3373: Annotated[int, msgspec.Meta(ge=1, le=2)] = 1
    """OWAS action category of code 3373; sources disagree, most say 1."""
    band_edge: Literal["lower", "upper"] = "lower"
    """Which band an angle belongs to that lies on an edge: the lower (20 degrees scores 1) or the upper one."""
    deadband_deg: Annotated[float, msgspec.Meta(ge=0, lt=10)] = 5.0
    """An angle closer to zero than this counts as upright or neutral."""
    side_bend_deg: Cutoff = 10.0
    """From which angle on neck or trunk count as bent to the side in RULA and REBA."""
    twist_deg: Cutoff = 20.0
    """From which angle on neck or trunk count as twisted in RULA and REBA."""
    abduction_deg: Cutoff = 30.0
    """From which angle on an upper arm counts as abducted."""
    owas_back_bent_deg: Cutoff = 20.0
    """From which inclination on OWAS calls the back bent."""
    owas_back_twisted_deg: Cutoff = 20.0
    """From which twist or side bend on OWAS calls the back twisted."""
    owas_knee_bent_deg: Cutoff = 30.0
    """From which flexion on OWAS calls a knee bent."""
    owas_arm_raised_deg: Cutoff = 90.0
    """From which elevation on OWAS calls an arm at or above shoulder level."""
    owas_interval_s: Annotated[float, msgspec.Meta(ge=1, le=600)] = 30.0
    """Seconds between two of the postures that OWAS counts."""


PAPER = ScoreSettings()
"""What holds unless somebody chooses otherwise."""
