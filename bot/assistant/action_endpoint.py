"""The way to the action server: one kept connection, and a turn that fails as a whole when an action does."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import urlsplit

from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from bot.kept_connections import CallFailed, CannotConnect, KeptConnections

ACTION_SECONDS = 30.0
CONNECT_SECONDS = 2.0
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
        address = urlsplit(self.url)
        self._path = address.path
        self._calls = KeptConnections(
            f"{address.scheme}://{address.netloc}", {}, connect_seconds=CONNECT_SECONDS, silence_seconds=ACTION_SECONDS
        )

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
            except CannotConnect as error:
                if attempt == CONNECT_TRIES - 1:
                    raise TurnFailed("the action server cannot be reached") from error
                await asyncio.sleep(wait)
                wait *= 2
            except (CallFailed, json.JSONDecodeError) as error:
                raise TurnFailed("the action server went away") from error
        return None

    def close(self) -> None:
        """Close the kept connections."""
        self._calls.close()

    async def _post(self, body: bytes) -> Any:
        async with self._calls.call("POST", self._path, body) as answer:
            content = await answer.read()
        if answer.status == REJECTED:
            raise ClientResponseError(answer.status, "rejected", content)
        if answer.status > REJECTED:
            raise TurnFailed(f"the action server answered {answer.status}")
        result = json.loads(content)
        if not is_result(result):
            raise TurnFailed("the action server answered nonsense")
        return result


def is_result(result: Any) -> bool:
    """Whether this can be what an action did; the keys of each event are checked where the event is made of them."""
    if not isinstance(result, dict):
        return False
    events, responses = result.get("events", []), result.get("responses", [])
    return (
        isinstance(events, list)
        and all(isinstance(event, dict) and isinstance(event.get("event"), str) for event in events)
        and isinstance(responses, list)
        and all(isinstance(response, dict) for response in responses)
    )
