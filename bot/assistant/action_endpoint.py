"""The way to the action server: one kept connection, and a turn that fails as a whole when an action does."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

ACTION_SECONDS = 30.0
CONNECT_TRIES = 6
FIRST_WAIT_SECONDS = 0.1
REJECTED = 400
# All that an action that checks a form looks up in the domain.
DOMAIN_KEYS = ("forms", "slots")


class TurnFailed(BaseException):
    """The turn cannot be finished now and must be tried again later.

    Not an Exception, on purpose: Rasa swallows every Exception of an action and goes on as if the action
    had had nothing to say, and the patient would get no answer.
    """


class ActionEndpoint(EndpointConfig):  # type: ignore[misc]  # Rasa ships no types
    """Rasa's endpoint, without a new connection for every action."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._session: aiohttp.ClientSession | None = None

    @classmethod
    def replacing(cls, endpoint: EndpointConfig) -> ActionEndpoint:
        """The same address and options as `endpoint`."""
        return cls(endpoint.url, endpoint.params, endpoint.headers, **endpoint.kwargs)

    async def request(
        self,
        method: str = "post",
        subpath: str | None = None,
        content_type: str | None = "application/json",
        compress: bool = False,
        **kwargs: Any,
    ) -> Any:
        """The action's answer; raises TurnFailed, or ClientResponseError where the action rejects its run.

        A connection that cannot be made is tried again for a few seconds: a restarted server needs no more.
        """
        # Our actions look at the slots, the active form and the newest message, never at the past.
        call = {**kwargs["json"], "tracker": {**kwargs["json"]["tracker"], "events": []}}
        if "domain" in call:
            call = {**call, "domain": {key: call["domain"].get(key) for key in DOMAIN_KEYS}}
        body = json.dumps(call).encode()
        wait = FIRST_WAIT_SECONDS
        for attempt in range(CONNECT_TRIES):
            try:
                return await self._post(body)
            except aiohttp.ClientConnectorError as error:
                if attempt == CONNECT_TRIES - 1:
                    raise TurnFailed("the action server cannot be reached") from error
                await asyncio.sleep(wait)
                wait *= 2
            except (aiohttp.ClientConnectionError, asyncio.TimeoutError, json.JSONDecodeError) as error:
                raise TurnFailed("the action server went away") from error
        return None

    async def close(self) -> None:
        """Close the kept connections."""
        if self._session is not None:
            await self._session.close()

    async def _post(self, body: bytes) -> Any:
        if self._session is None or self._session.closed:
            timeout = aiohttp.ClientTimeout(total=ACTION_SECONDS)
            self._session = aiohttp.ClientSession(timeout=timeout, headers={"Content-Type": "application/json"})
        async with self._session.post(self.url, data=body) as response:
            content = await response.read()
            if response.status == REJECTED:
                raise ClientResponseError(response.status, response.reason, content)
            if response.status > REJECTED:
                raise TurnFailed(f"the action server answered {response.status}")
            return json.loads(content)
