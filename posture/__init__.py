"""A private posture detector for the desktop.

Importing the package does one thing only: it switches off the telemetry of ONNX Runtime for this process and its
children, because newer runtimes start an uploader at import and read the variable only then
(CONTRIBUTING.md, "Offline by construction").
"""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

__version__ = "0.1.0"
