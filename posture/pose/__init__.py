"""From pictures to poses: verified models, the runtime, BlazePose."""
