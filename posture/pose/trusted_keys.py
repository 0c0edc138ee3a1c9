r"""Whose signature counts: the public keys in a file that only administrators can write.

Who decides which models run on a machine is who administers it, and not a program that runs under the account of a
user. So the place is fixed, and a file that somebody else could have written is not read:

    Linux    /etc/posture/trusted-keys
    macOS    /Library/Application Support/posture/trusted-keys
    Windows  %ProgramData%\posture\trusted-keys

One key a line, as `posture.signed_note.PublicKey` writes it; empty lines and lines that begin with # do not count.
"""

from dataclasses import dataclass
from pathlib import Path

from posture.errors import ConfigError
from posture.output import whole_file
from posture.privacy import administrators
from posture.signed_note import NoteError, PublicKey

FILE_NAME = "trusted-keys"
FILE_LIMIT_BYTES = 1 << 16
"""Some 600 keys."""
_HEAD = "# Keys whose signature under a model is trusted here; see `posture models trust --help`.\n"


@dataclass(frozen=True)
class TrustedKeys:
    """The file at `path`. `owner` and `top` are those of `administrators.refuse_writable`."""

    path: Path
    owner: int = administrators.ROOT_USER
    top: Path | None = None

    def read(self) -> tuple[PublicKey, ...]:
        """The keys; none where there is no file.

        Raises ConfigError for a file or folder that others could write, and for a line that is no key.
        """
        try:
            administrators.refuse_writable(self.path, owner=self.owner, top=self.top)
            with self.path.open("rb") as file:
                content = file.read(FILE_LIMIT_BYTES + 1)
        except FileNotFoundError:
            return ()
        except OSError as exc:
            raise ConfigError(
                f"{self.path} cannot be read: {exc.strerror}; {administrators.as_readable(self.path)}"
            ) from exc
        if len(content) > FILE_LIMIT_BYTES:
            raise ConfigError(f"{self.path} has more than {FILE_LIMIT_BYTES} bytes; remove what is no key")
        lines = content.decode("utf-8", "replace").splitlines()
        return tuple(self._key(number, line) for number, line in enumerate(lines, 1) if _counts(line))

    def add(self, key: PublicKey) -> bool:
        """Trust a key from now on; False where it was trusted already. Raises ConfigError, SinkError."""
        administrators.make_folder(self.path.parent)
        keys = self.read()
        if key in keys:
            return False
        self._write((*keys, key))
        return True

    def remove(self, key_id: str) -> PublicKey:
        """No longer trust the key with this id (8 hexadecimal digits). Raises ConfigError, SinkError."""
        keys = self.read()
        found = [key for key in keys if key.key_id.hex() == key_id.lower()]
        if not found:
            known = ", ".join(f"{key.name} {key.key_id.hex()}" for key in keys) or "none"
            raise ConfigError(f"no key with the id {key_id!r} is trusted here; trusted are: {known}")
        self._write(tuple(key for key in keys if key not in found))
        return found[0]

    def _write(self, keys: tuple[PublicKey, ...]) -> None:
        administrators.refuse_writable(self.path.parent, owner=self.owner, top=self.top)
        advice = administrators.as_administrator()
        # private until its mode is right: nobody else could open it for writing in between, whatever the umask is
        with whole_file(self.path, overwrite=True, advice=advice, private=True) as out:
            out.write((_HEAD + "".join(f"{key}\n" for key in keys)).encode())
        administrators.open_to_read_only(self.path)

    def _key(self, number: int, line: str) -> PublicKey:
        try:
            return PublicKey.parse(line)
        except NoteError as exc:
            raise ConfigError(f"{self.path}, line {number}: {exc}; correct or remove the line") from exc


def system_keys() -> TrustedKeys:
    """The file of this machine. No variable or setting moves it: whoever could move it could trust any key."""
    return TrustedKeys(administrators.system_folder() / FILE_NAME)


def _counts(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")
