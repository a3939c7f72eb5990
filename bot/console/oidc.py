"""The clinic's own login provider (OpenID Connect): where to send somebody, and whom it says came back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.settings import OidcSettings

if TYPE_CHECKING:
    from authlib.integrations.httpx_client import AsyncOAuth2Client

ALGORITHMS = ["RS256", "PS256", "ES256"]
SECONDS = 10.0
LEEWAY_SECONDS = 60


class NotProved(Exception):
    """The provider could not be asked, or what it answered does not prove who this is."""


@dataclass(frozen=True)
class OidcProvider:
    """The authorization code flow with PKCE. Its libraries are loaded only where it is set up."""

    settings: OidcSettings
    redirect_uri: str

    async def address(self, state: str, nonce: str, verifier: str) -> str:
        """Where the browser goes to log in. Raises NotProved if the provider cannot be reached."""
        async with self._client() as client:
            found = await self._found(client)
            address, _ = client.create_authorization_url(
                found["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
        return str(address)

    async def email_of(self, code: str, nonce: str, verifier: str, clock: Callable[[], datetime]) -> str:
        """The e-mail address that the provider has verified for this code. Raises NotProved."""
        from authlib.common.errors import AuthlibBaseError
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        async with self._client() as client:
            found = await self._found(client)
            keys = await self._get(client, found["jwks_uri"])
            try:
                answer = await client.fetch_token(found["token_endpoint"], code=code, code_verifier=verifier)
                token = jwt.decode(str(answer["id_token"]), KeySet.import_key_set(keys), algorithms=ALGORITHMS)
                jwt.JWTClaimsRegistry(
                    now=lambda: int(clock().timestamp()),
                    leeway=LEEWAY_SECONDS,
                    iss={"essential": True, "value": self.settings.issuer},
                    aud={"essential": True, "value": self.settings.client_id},
                    exp={"essential": True},
                    nonce={"essential": True, "value": nonce},
                ).validate(token.claims)
            except (AuthlibBaseError, JoseError, KeyError, *_failures()) as error:
                raise NotProved(type(error).__name__) from error
        return _verified_email(token.claims)

    def _client(self) -> AsyncOAuth2Client:
        # Imported only here: together they would take a tenth of the desk's start.
        from authlib.integrations.httpx_client import AsyncOAuth2Client

        return AsyncOAuth2Client(
            self.settings.client_id,
            self.settings.client_secret,
            redirect_uri=self.redirect_uri,
            scope="openid email",
            code_challenge_method="S256",
            timeout=SECONDS,
        )

    async def _found(self, client: AsyncOAuth2Client) -> Mapping[str, Any]:
        """What the provider says of itself; it must name itself as the settings do."""
        found: Mapping[str, Any] = await self._get(
            client, f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration"
        )
        if found.get("issuer") != self.settings.issuer:
            raise NotProved("another issuer")
        return found

    @staticmethod
    async def _get(client: AsyncOAuth2Client, address: str) -> Any:
        try:
            answer = await client.request("GET", address, withhold_token=True)
            answer.raise_for_status()
            return answer.json()
        except _failures() as error:
            raise NotProved(type(error).__name__) from error


def _failures() -> tuple[type[Exception], ...]:
    import httpx

    return httpx.HTTPError, ValueError, OSError


def _verified_email(claims: Mapping[str, Any]) -> str:
    email = claims.get("email")
    if not isinstance(email, str) or claims.get("email_verified") is not True:
        raise NotProved("no verified e-mail address")
    return email.strip().lower()
