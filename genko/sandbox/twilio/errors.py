"""Refusals in Twilio's own JSON shape."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from genko.sandbox.calls import path_at_provider

BLOCKED = 63014
OUTSIDE_WINDOW = 63016
MEDIA_NOT_LOADED = 63019
NOT_ON_WHATSAPP = 63024

ERROR_MESSAGES = {
    63003: "Channel could not find To address",
    BLOCKED: "Message failed to be delivered because the recipient blocked the sender",
    OUTSIDE_WINDOW: "Failed to send freeform message because you are outside the allowed window",
    MEDIA_NOT_LOADED: "Media failed to download",
    NOT_ON_WHATSAPP: "Invalid message recipient",
}


class ApiError(Exception):
    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def response(self) -> Response:
        body = {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
        return JSONResponse(body, self.status)


def refusal(status: int) -> Response:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return ApiError(status, 20429, "Too many requests").response()
    return ApiError(status, 20500, "An internal server error has occurred").response()


def not_found(request: Request) -> ApiError:
    path = path_at_provider(request.scope)
    return ApiError(404, 20404, f"The requested resource {path} was not found")


async def answer_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return error.response()


async def unknown_path(request: Request) -> Response:
    return not_found(request).response()
