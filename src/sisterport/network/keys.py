"""Ed25519 keys: every person of a port has an own one; what is signed can be told from what is not.

The private half stays in a file of its own and never comes near the ledger.
"""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sisterport.errors import InputError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

PASSPHRASE = "SISTERPORT_KEY_PASSPHRASE"  # noqa: S105 - the name of the variable, not what it holds
_HEX = re.compile(r"[0-9a-f]+")
_SIGNED = b"sisterport entry 1\n"  # what is signed here can be taken for nothing else


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A key that can sign.

    Attributes
    ----------
    public : str
        Its public half, 32 bytes in hexadecimal.
    """

    public: str
    _secret: "Ed25519PrivateKey" = field(repr=False)

    def sign(self, statement: bytes) -> str:
        """Return the signature of a statement, 64 bytes in hexadecimal."""
        return self._secret.sign(_SIGNED + statement).hex()


def new_key(path: str | Path) -> PrivateKey:
    """Make a key and write it to a new file that only its owner can read (PEM, PKCS 8).

    With the variable SISTERPORT_KEY_PASSPHRASE set, the file is encrypted with it.

    Raises
    ------
    InputError
        If the file is there already.
    """
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - 0.05 s, only where a key is used
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    secret = Ed25519PrivateKey.generate()
    phrase = os.environ.get(PASSPHRASE)
    lock: serialization.KeySerializationEncryption = (
        serialization.BestAvailableEncryption(phrase.encode()) if phrase else serialization.NoEncryption()
    )
    written = secret.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock)
    write_private(path, written)
    return PrivateKey(secret.public_key().public_bytes_raw().hex(), secret)


def read_key(path: str | Path) -> PrivateKey:
    """Return the key in a file.

    Raises
    ------
    InputError
        If there is none, others can read the file, it is encrypted and the passphrase wrong or missing, or it holds no
        Ed25519 key.
    """
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    file = Path(path)
    try:
        written = file.read_bytes()
        open_to_others = os.name == "posix" and file.stat().st_mode & 0o077
    except OSError as error:
        raise InputError(f"cannot read the key {file}: {error.strerror}") from None
    if open_to_others:
        raise InputError(f"others can read the key {file}: chmod 600 it, and replace it if it was on a shared machine")
    phrase = os.environ.get(PASSPHRASE)
    locked = b"ENCRYPTED" in written
    if locked and not phrase:
        raise InputError(f"the key {file} is encrypted: set {PASSPHRASE}")
    try:
        secret = serialization.load_pem_private_key(written, phrase.encode() if locked and phrase else None)
    except (ValueError, TypeError):
        raise InputError(f"{file} holds no key, or {PASSPHRASE} is not its passphrase") from None
    if not isinstance(secret, Ed25519PrivateKey):
        raise InputError(f"{file} holds a key of another kind: Ed25519 is needed")
    return PrivateKey(secret.public_key().public_bytes_raw().hex(), secret)


def is_signed(statement: bytes, signature: str, public: str) -> bool:
    """Return whether a signature is that of a statement by a public key; both in lower-case hexadecimal.

    Examples
    --------
    >>> is_signed(b"x", "00" * 64, "00" * 32)
    False
    """
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415

    if not (is_hex(signature, 64) and is_hex(public, 32)):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), _SIGNED + statement)
    except (InvalidSignature, ValueError):
        return False
    return True


def is_hex(text: object, size: int) -> bool:
    """Return whether `text` is so many bytes in lower-case hexadecimal.

    Examples
    --------
    >>> is_hex("00ff", 2), is_hex("00FF", 2)
    (True, False)
    """
    return isinstance(text, str) and len(text) == 2 * size and _HEX.fullmatch(text) is not None


def write_private(path: str | Path, written: bytes) -> None:
    """Write a new file that only its owner can read.

    Raises
    ------
    InputError
        If it is there already.
    """
    file = Path(path)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise InputError(f"{file} is there already: nothing was overwritten") from None
    except OSError as error:
        raise InputError(f"cannot write {file}: {error.strerror}") from None
    with os.fdopen(handle, "wb") as out:
        out.write(written)
        out.flush()
        os.fsync(out.fileno())
