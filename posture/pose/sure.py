"""A model whose results can be trusted to be numbers: for what must fail loudly, not look as if nobody were there."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from posture.errors import ModelError
from posture.pose.session import Session


class SureSession(Session):
    """A `Session` that refuses results that are no finite numbers: read as scores, they would mean "nobody"."""

    def run(self, tensor: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """See `Session.run`. Raises also `ModelError` for NaN and infinity."""
        outputs = super().run(tensor)
        broken = [name for name, values in outputs.items() if not np.isfinite(values).all()]
        if broken:
            raise ModelError(
                f"the model gave no finite numbers as {broken[0]} on {self.provider}; try another provider, such as cpu"
            )
        return outputs
