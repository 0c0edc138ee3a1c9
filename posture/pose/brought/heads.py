"""Which function reads the outputs of which kind of model. A head is `(outputs, use) -> keypoints or boxes`, pure.

    head           parts (shape)                                          published as
    heatmap        heatmap [1, K, h, w] or [1, h, w, K]                   any
    movenet        keypoints [1, 1, K, 3]                                 MoveNet.SinglePose
    simcc          x [1, K, w * split], y [1, K, h * split]               SimCC, RTMPose
    posenet        heatmap [1, h, w, 17], offset 34, displacement 64      PoseNet
    movenet-multi  people [1, n, 3 K + 5]                                 MoveNet.MultiPose
    rtmo           boxes [1, n, 5], keypoints [1, n, K, 3]                RTMO, exported with its end
    yolo-pose      people [1, 5 + 3 K, n] or [1, n, 6 + 3 K]              YOLO with keypoints
    nanodet        boxes [1, n, classes + 4 bins]                         NanoDet, NanoDet-Plus
    rtmdet         boxes [1, n, 5], labels [1, n]                         RTMDet, exported with its end
    yolox          boxes [1, n, 5 + classes]                              YOLOX

`blazepose` and `blazepose-detector` are read by `posture.pose.blazepose`, as the models of the program are.
"""

from collections.abc import Callable
from types import MappingProxyType

from posture.pose.brought.boxes import nanodet, rtmdet, yolox
from posture.pose.brought.found import Boxes, Keypoints, Outputs
from posture.pose.brought.people import movenet_multi, rtmo, yolo_pose
from posture.pose.brought.points import heatmap, movenet, simcc
from posture.pose.brought.posenet import posenet
from posture.pose.brought.use import HeadName, Use

PoseHead = Callable[[Outputs, Use], Keypoints]
BoxHead = Callable[[Outputs, Use], Boxes]

POSE_HEADS: MappingProxyType[HeadName, PoseHead] = MappingProxyType(
    {
        "heatmap": heatmap,
        "movenet": movenet,
        "simcc": simcc,
        "posenet": posenet,
        "movenet-multi": movenet_multi,
        "rtmo": rtmo,
        "yolo-pose": yolo_pose,
    }
)
BOX_HEADS: MappingProxyType[HeadName, BoxHead] = MappingProxyType(
    {"nanodet": nanodet, "rtmdet": rtmdet, "yolox": yolox}
)
