"""What a retailer's own systems get: API keys, webhooks, and what happened by number."""

import secrets

from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from server import log
from server.hooks.courier import Courier, client, trial
from server.hooks.happenings import Kind
from server.hooks.tail import Tail
from server.journal import hooks
from server.journal.accounts import Session
from server.journal.hooks import Happening, News, Webhook
from server.journal.keys import ApiKey
from server.outward import Forbidden, check
from server.rules.views import iso
from server.web import answers, bodies, catalogue
from server.web import link_shapes as told
from server.web.api_shopper import STORE
from server.web.keys import Scope
from server.web.policies import About, Who, door
from server.web.problems import Problem
from server.web.wiring import house

KEYS, HOOKS = f"{catalogue.MANAGER}/keys", f"{catalogue.MANAGER}/hooks"
HOOKS_MAX = 10
SECRET_BYTES = 32
PAGE = 100


async def every_key(request: Request) -> Response:
    """The store's keys, newest first; only how they begin."""
    current: Session = request.state.session
    return answers.json([_key(key) for key in await house(request).keys.of_store(current.store)])


async def new_key(request: Request) -> Response:
    """A new key: it is told this once."""
    current: Session = request.state.session
    body = await bodies.read(request, told.NewKey)
    text, key = await house(request).keys.make(current.store, body.name, frozenset(map(Scope, body.scopes)))
    log.get().info("key_made", store=current.store, person=current.person, key=key.id)
    return answers.json({**_key(key), "key": text}, 201)


async def revoke_key(request: Request) -> Response:
    """This key opens nothing from now on."""
    current: Session = request.state.session
    body = await bodies.read(request, told.OneKey)
    await house(request).keys.revoke(current.store, body.key)
    log.get().info("key_revoked", store=current.store, person=current.person, key=body.key)
    return Response(status_code=204)


async def every_hook(request: Request) -> Response:
    """The store's webhooks, and how far each has come."""
    current: Session = request.state.session
    return answers.json([_hook(hook) for hook in await hooks.of_store(house(request).live.journal, current.store)])


async def new_hook(request: Request) -> Response:
    """A new webhook, told what happens from now on; its secret is told this once."""
    current: Session = request.state.session
    body = await bodies.read(request, told.NewHook)
    rooms, store = house(request), current.store
    try:
        check(body.url, rooms.settings.trusted_hosts)
    except Forbidden as why:
        raise Problem("hook_target", {"why": str(why)}) from None
    known = await hooks.of_store(rooms.live.journal, store)
    if len(known) >= HOOKS_MAX:
        raise Problem("too_many_hooks", {"most": HOOKS_MAX})
    day, now = rooms.live.day(store), rooms.live.clock.now()
    secret = f"whsec_{secrets.token_urlsafe(SECRET_BYTES)}"
    hook = Webhook(secrets.token_hex(8), store, body.url, secret, " ".join(sorted(set(body.kinds))), now)
    begin = News(f"event {day.plan.day} {day.version} {hook.id}", "hook", now, "{}")  # reading goes on from here, also after a crash
    await hooks.tell(rooms.live.journal, store, [begin])
    hook = await hooks.add(rooms.live.journal, hook)
    _tail(request).again()
    log.get().info("hook_made", store=store, person=current.person, hook=hook.id)
    return answers.json({**_hook(hook), "secret": secret}, 201)


async def try_hook(request: Request) -> Response:
    """Send it a test now, and say how that went."""
    await bodies.read(request, bodies.Command)
    hook = await _one(request)
    courier: Courier = request.app.state.courier
    async with client() as http:
        done = await courier.tell(http, hook, trial(hook.store, house(request).live.clock.now()))
    return answers.json({"status": done.status, "trouble": done.trouble, "took_s": round(done.took_s, 3)})


async def replay_hook(request: Request) -> Response:
    """Tell it again everything after a number, in order."""
    body = await bodies.read(request, told.Replay)
    return await _changed(request, cursor=body.after, tries=0, due_at=0.0, paused=False, trouble="")


async def pause_hook(request: Request) -> Response:
    """Tell it nothing until it is resumed; nothing is lost."""
    await bodies.read(request, bodies.Command)
    return await _changed(request, paused=True)


async def resume_hook(request: Request) -> Response:
    """Go on where it stopped, now."""
    await bodies.read(request, bodies.Command)
    return await _changed(request, paused=False, tries=0, due_at=0.0, trouble="")


async def drop_hook(request: Request) -> Response:
    """No more of it."""
    await bodies.read(request, bodies.Command)
    hook = await _one(request)
    await hooks.drop(house(request).live.journal, hook.store, hook.id)
    log.get().info("hook_dropped", store=hook.store, person=request.state.session.person, hook=hook.id)
    return Response(status_code=204)


async def happenings(request: Request) -> Response:
    """What was told, from the one after ``?after=N`` on, in order: what a webhook that was away asks for."""
    text = request.query_params.get("after", "0")
    if not text.isdecimal() or len(text) > 15:
        raise Problem("bad_field", {"field": "after", "problem": "a number, 0 or more"})
    current: Session = request.state.session
    found = await hooks.after(house(request).live.journal, current.store, int(text), PAGE)
    listed = [_happening(happening) for happening in found if happening.kind in set(Kind)]
    return answers.json({"happenings": listed, "next": found[-1].seq if len(found) == PAGE else None})


def routes() -> list[BaseRoute]:
    """Keys, webhooks, happenings."""
    one = f"{HOOKS}/{{hook}}"
    changed = About(told.Hook, bodies.Command)
    return [
        door(KEYS, every_key, Who.VIEWER, about=About(told.Key, many=True)),
        door(KEYS, new_key, Who.MANAGER, "POST", about=About(told.FreshKey, told.NewKey, 201)),
        door(f"{KEYS}/revoke", revoke_key, Who.MANAGER, "POST", about=About(None, told.OneKey, 204)),
        door(HOOKS, every_hook, Who.VIEWER, about=About(told.Hook, many=True)),
        door(HOOKS, new_hook, Who.MANAGER, "POST", about=About(told.FreshHook, told.NewHook, 201)),
        door(f"{one}/test", try_hook, Who.MANAGER, "POST", about=About(told.Tried, bodies.Command)),
        door(f"{one}/replay", replay_hook, Who.MANAGER, "POST", about=About(told.Hook, told.Replay)),
        door(f"{one}/pause", pause_hook, Who.MANAGER, "POST", about=changed),
        door(f"{one}/resume", resume_hook, Who.MANAGER, "POST", about=changed),
        door(f"{one}/drop", drop_hook, Who.MANAGER, "POST", about=About(None, bodies.Command, 204)),
        door(f"{STORE}/happenings", happenings, Who.VIEWER, about=About(told.Happenings)),
    ]


async def _one(request: Request) -> Webhook:
    current: Session = request.state.session
    known = await hooks.of_store(house(request).live.journal, current.store)
    found = next((hook for hook in known if hook.id == request.path_params["hook"]), None)
    if found is None:
        raise Problem("unknown_hook")
    return found


async def _changed(request: Request, **values: object) -> Response:
    hook = await _one(request)
    done = await hooks.change(house(request).live.journal, hook.store, hook.id, **values)
    if done is None:
        raise Problem("unknown_hook")
    return answers.json(_hook(done))


def _tail(request: Request) -> Tail:
    found: Tail = request.app.state.tail
    return found


def _key(key: ApiKey) -> dict[str, object]:
    return {
        "id": key.id, "name": key.name, "shown": key.shown, "scopes": key.scopes.split(), "created_at": iso(key.created_at),
        "used_at": iso(key.used_at), "revoked_at": iso(key.revoked_at),
    }  # fmt: skip


def _hook(hook: Webhook) -> dict[str, object]:
    return {
        "id": hook.id, "url": hook.url, "kinds": hook.kinds.split(), "created_at": iso(hook.created_at), "after": hook.cursor,
        "tries": hook.tries, "paused": hook.paused, "trouble": hook.trouble, "taken_at": iso(hook.taken_at),
    }  # fmt: skip


def _happening(happening: Happening) -> dict[str, object]:
    return {
        "seq": happening.seq,
        "kind": happening.kind,
        "store": happening.store,
        "at": iso(happening.at),
        "data": from_json(happening.body),
    }
