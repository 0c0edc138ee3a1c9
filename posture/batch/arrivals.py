"""When a file that appears in a watched folder is whole: it has stood still for a while, and nobody holds it.

Pure: what stands in the folder and what time it is are arguments.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Standing(NamedTuple):
    """What a look at a file tells without reading it."""

    size_bytes: int
    changed_ns: int
    """When its content was changed last, as the file system says."""


Listing = Mapping[bytes, Standing]
"""Every file of a folder by its path below it: what makes a file the same on another mount, or another machine."""


class Arrivals:
    """Follows the files of one folder from look to look. Times are seconds of any clock that never goes back."""

    def __init__(self, settle_s: float) -> None:
        """`settle_s`: a file whose size and time of change stay the same for so long has arrived."""
        self._settle_s = settle_s
        self._since_s: dict[bytes, tuple[Standing, float]] = {}

    def look(self, now_s: float, listing: Listing, leave: Iterable[bytes] = ()) -> list[bytes]:
        """The files that have arrived, the one that stands still longest first. `leave` are of no interest any more."""
        left = set(leave)
        before, self._since_s = self._since_s, {}
        for path, standing in listing.items():
            if path not in left:
                known, since_s = before.get(path, (standing, now_s))
                self._since_s[path] = (standing, since_s if known == standing else now_s)
        ready = [(since_s, path) for path, (_, since_s) in self._since_s.items() if now_s - since_s >= self._settle_s]
        return [path for _, path in sorted(ready)]

    @property
    def waiting(self) -> int:
        """Files that are there and are not known to be of no interest."""
        return len(self._since_s)

    def next_s(self, now_s: float) -> float | None:
        """In how many seconds the next one may have arrived; None where none is expected."""
        waits = [since_s + self._settle_s - now_s for _, since_s in self._since_s.values()]
        return min((wait for wait in waits if wait > 0), default=None)
