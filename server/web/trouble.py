"""Whatever goes wrong unexpectedly: a line in the log, and the one error shape for the caller, nothing else."""

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server import log
from server.metrics import ROUTE
from server.web.problems import Problem, answer


class CatchTrouble:
    """Turns an exception of an endpoint into a 500. Inside the security headers, so that errors carry them too."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, and answer for what fails."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        started = False

        async def sent(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, sent)
        except Exception as error:
            log.get().error("request_failed", route=scope.get(ROUTE, "none"), method=scope["method"], **log.failure(error))
            if started:
                raise  # half an answer is out: the connection has to break
            await answer(Request(scope, receive, send), Problem("internal"))(scope, receive, send)
