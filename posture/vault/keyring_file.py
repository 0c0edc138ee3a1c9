"""A small file that is encrypted under a key of its own in the keyring of the system: readable while one is logged in.

For what a program has to read before anybody can type a passphrase.

    0   8   magic "PKRNG001"
    8  12   nonce, random
    20      AES-256-GCM of the content, with the name of the key as associated data; then the tag, 16
"""

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from posture.errors import Damaged, Locked
from posture.vault.keystore import KeyStore

MAGIC: Final = b"PKRNG001"
KEY_BYTES, NONCE_BYTES = 32, 12


class KeyringSeal:
    """Encrypts under the key `name` of a keyring, which is made when it is first needed."""

    def __init__(self, keystore: KeyStore, name: str) -> None:
        self._keystore, self._name = keystore, name

    def seal(self, content: bytes) -> bytes:
        """What the file holds. Raises Locked where the keyring takes no key."""
        key = self._keystore.get(self._name)
        if key is None or len(key) != KEY_BYTES:
            key = os.urandom(KEY_BYTES)
            self._keystore.put(self._name, key)
        nonce = os.urandom(NONCE_BYTES)
        return MAGIC + nonce + AESGCM(key).encrypt(nonce, content, self._name.encode())

    def open(self, data: bytes) -> bytes:
        """The content. Raises Locked where the keyring gives no key, Damaged."""
        key = self._keystore.get(self._name)
        if key is None or len(key) != KEY_BYTES:
            raise Locked("the keyring of the system gives no key: log in, or unlock it")
        nonce, sealed = data[len(MAGIC) : len(MAGIC) + NONCE_BYTES], data[len(MAGIC) + NONCE_BYTES :]
        try:
            if not data.startswith(MAGIC):
                raise Damaged("this is no file under a key of the keyring")
            return AESGCM(key).decrypt(nonce, sealed, self._name.encode())
        except (InvalidTag, ValueError) as exc:
            raise Damaged("a file under a key of the keyring was altered or cut") from exc

    def forget(self) -> None:
        """Without its key nobody reads the file again, nor a copy of it. Raises Locked."""
        self._keystore.remove(self._name)
