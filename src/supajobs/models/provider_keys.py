"""The keys for model providers that users bring along: encrypted before the database sees them."""

from typing import overload

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

from supajobs.errors import ProviderKeysNotOfferedError


class UnreadableKeyError(Exception):
    """A provider key was encrypted with a secret that this process does not have."""


class ProviderKeys:
    """Encrypts and decrypts by `secret`: Fernet keys, comma-separated.

    The first one encrypts. The others decrypt what was encrypted before they were replaced.

    Raises:
        ValueError: one of them is no Fernet key.
    """

    def __init__(self, secret: SecretStr | None) -> None:
        keys = secret.get_secret_value().split(",") if secret else []
        self._fernets = [Fernet(key.strip()) for key in keys]

    @overload
    def encrypt(self, key: SecretStr) -> str: ...
    @overload
    def encrypt(self, key: SecretStr | None) -> str | None: ...
    def encrypt(self, key: SecretStr | None) -> str | None:
        """A text to be stored; another one each time. None where there is no key.

        Raises:
            ProviderKeysNotOfferedError: there is no secret.
        """
        if key is None:
            return None
        if not self._fernets:
            raise ProviderKeysNotOfferedError
        return self._fernets[0].encrypt(key.get_secret_value().encode()).decode()

    def decrypt(self, ciphertext: str) -> SecretStr:
        """The key that was encrypted.

        Raises:
            UnreadableKeyError: none of the secret's keys fits.
        """
        try:
            return SecretStr(MultiFernet(self._fernets).decrypt(ciphertext).decode())
        except (InvalidToken, ValueError):
            raise UnreadableKeyError(
                "PROVIDER_KEY_SECRET has not the key that encrypted this; rotate by putting the "
                "new one before the old one"
            ) from None
