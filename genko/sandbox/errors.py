"""Refusals in the provider's own JSON shape."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response


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


def not_found(path: str) -> ApiError:
    return ApiError(404, 20404, f"The requested resource {path} was not found")


async def answer_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return error.response()


async def unknown_path(request: Request) -> Response:
    return not_found(request.url.path).response()


ERROR_MESSAGES = {
    63003: "Channel could not find To address",
    63014: "Message failed to be delivered because the recipient blocked the sender",
    63016: "Failed to send freeform message because you are outside the allowed window",
    63019: "Media failed to download",
    63024: "Invalid message recipient",
}
