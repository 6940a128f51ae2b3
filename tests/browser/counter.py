"""A salesperson's taps and other people's joins without a screen: what happens in a store while a test looks at something else."""

import time
from typing import Any, Self
from uuid import uuid4

import httpx2

WITHIN_S = 30.0


class Counter:
    """One signed-in salesperson of a store, over plain HTTP."""

    def __init__(self, url: str, store: str) -> None:
        self.url, self.id = url, store
        self._http = httpx2.Client(base_url=url, headers={"X-Avous": "1"}, trust_env=False, timeout=30)

    @classmethod
    def of(cls, url: str, store: str, person: str, pin: str) -> Self:
        """Signed in and on duty."""
        counter = cls(url, store)
        counter._post("/api/v1/session", store=store, salesperson=person, pin=pin)
        counter.tap("on")
        return counter

    def join(self, service: str = "phones", language: str = "fr") -> dict[str, Any]:
        """A ticket: {number, token, url, view}."""
        return self._post(f"/api/v1/stores/{self.id}/tickets", id=str(uuid4()), service=service, language=language)

    def tap(self, act: str, **body: Any) -> None:
        """A command of the salesperson."""
        self._post(f"/api/v1/stores/{self.id}/staff/{act}", id=str(uuid4()), **body)

    def claim(self, number: str) -> str:
        """Take the ticket with this number; its id."""
        ticket = self.ticket(number)
        self.tap("claim", ticket=ticket)
        return ticket

    def serve(self, number: str) -> None:
        """From the claim to the end of the visit."""
        ticket = self.claim(number)
        self.tap("start", ticket=ticket)
        self.tap("finish", ticket=ticket)

    def ticket(self, number: str) -> str:
        """The id that staff know a number by."""
        view = self.view("staff")
        return str(next(row["ticket"] for row in [*view["waiting"], *view["parked"]] if row["number"] == number))

    def waiting(self, service: str) -> list[str]:
        """The numbers that wait for a service, first first."""
        return [row["number"] for row in self.view("staff")["waiting"] if row["service"] == service]

    def come(self) -> None:
        """Take the call of somebody at the kiosk, when it is there."""
        give_up_at = time.monotonic() + WITHIN_S
        while time.monotonic() < give_up_at:
            for alert in self._get("/alerts"):
                if alert["kind"] == "help" and not alert["by"]:
                    return self._take(alert["id"])
            time.sleep(0.05)
        raise AssertionError("nobody called for help")

    def view(self, screen: str) -> dict[str, Any]:
        """What a screen shows now."""
        found: dict[str, Any] = self._get(f"/views/{screen}")
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *trouble: object) -> None:
        self._http.close()

    def _take(self, alert: str) -> None:
        self._post(f"/api/v1/stores/{self.id}/alerts/{alert}/take")

    def _get(self, path: str) -> Any:
        return self._http.get(f"/api/v1/stores/{self.id}{path}").raise_for_status().json()

    def _post(self, path: str, **body: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._http.post(path, json=body).raise_for_status().json()
        return answer
