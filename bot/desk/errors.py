"""What the desk answers when it cannot do what was asked: a code for programs, a sentence for people."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

CODES = {
    400: ("bad_request", "The request could not be read."),
    401: ("unauthorized", "The token is missing or no longer good. Start a new conversation."),
    403: ("forbidden", "This is not allowed."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not take that method."),
    413: ("too_large", "The request is too large."),
    415: ("unsupported_media_type", "Send JSON with the content type application/json."),
    429: ("too_many", "Too many requests. Wait a little and try again."),
    503: ("unavailable", "This part is not ready yet. Try again soon."),
}


class DeskError(Exception):
    """An answer other than success: status, code, one sentence and perhaps headers."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})


def malformed(message: str) -> DeskError:
    """422 with what is wrong, in one sentence."""
    return DeskError(422, "malformed", message)


def unauthorized() -> DeskError:
    """401: no token, a wrong one, or one of an erased conversation."""
    code, message = CODES[401]
    return DeskError(401, code, message, {"WWW-Authenticate": "Bearer"})


def error_response(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The one form that every error has."""
    return JSONResponse({"error": code, "message": message}, status_code=status, headers=dict(headers or {}))


async def on_desk_error(_request: Request, error: Exception) -> Response:
    """Answer a DeskError."""
    assert isinstance(error, DeskError)  # noqa: S101 - registered for this class only
    return error_response(error.status, error.code, error.message, error.headers)


async def on_http_exception(_request: Request, error: Exception) -> Response:
    """Answer what Starlette's routing raises: 404, 405 and the like."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
    code, message = CODES.get(error.status_code, ("error", "The request could not be handled."))
    return error_response(error.status_code, code, message, error.headers)


async def on_crash(_request: Request, _error: Exception) -> Response:
    """Answer an error of our own: nothing of it is shown."""
    return error_response(500, "internal", "Something went wrong on our side. Please try again.")
