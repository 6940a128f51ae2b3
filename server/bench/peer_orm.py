"""The peer: what one would write first. Starlette, an ORM session per request, the same SQLite settings, nothing else.

It has no rules, no receipts, no views, no estimates: it gives out numbers and calls them, durably.
``python -m server.bench.peer_orm FILE PORT``.
"""

import sqlite3
import sys

import uvicorn
from sqlalchemy import Engine, event
from sqlmodel import Field, Session, SQLModel, col, create_engine, select
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


class PeerTicket(SQLModel, table=True):
    """Somebody who waits, or has been called."""

    id: int | None = Field(default=None, primary_key=True)
    service: str
    number: str = ""
    called: bool = Field(default=False, index=True)


def application(database: str) -> Starlette:
    """The whole peer."""
    engine = create_engine(f"sqlite:///{database}", connect_args={"timeout": 30})
    event.listen(engine, "connect", _durable)
    SQLModel.metadata.create_all(engine, tables=[SQLModel.metadata.tables[str(PeerTicket.__tablename__)]])

    async def join(request: Request) -> JSONResponse:
        return JSONResponse(await run_in_threadpool(_join, engine, (await request.json())["service"]), 201)

    async def call(request: Request) -> JSONResponse:
        return JSONResponse(await run_in_threadpool(_call, engine))

    return Starlette(routes=[Route("/tickets", join, methods=["POST"]), Route("/next", call, methods=["POST"])])


def _durable(connection: sqlite3.Connection, _record: object) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _join(engine: Engine, service: str) -> dict[str, str]:
    with Session(engine) as session:
        ticket = PeerTicket(service=service)
        session.add(ticket)
        session.flush()
        ticket.number = f"A-{ticket.id:03d}"
        session.commit()
        return {"number": ticket.number}


def _call(engine: Engine) -> dict[str, str | None]:
    with Session(engine) as session:
        ticket = session.exec(select(PeerTicket).where(col(PeerTicket.called).is_(False)).order_by(col(PeerTicket.id)).limit(1)).first()
        if ticket is None:
            return {"number": None}
        ticket.called = True
        number = ticket.number
        session.commit()
        return {"number": number}


if __name__ == "__main__":
    uvicorn.run(application(sys.argv[1]), host="127.0.0.1", port=int(sys.argv[2]), log_level="warning")
