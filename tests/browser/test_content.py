"""Something to read, watch and answer: it fits the wait, is told to whom it concerns, and stops when the call comes."""

import base64
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.faces import Phone, Staff
from tests.browser.house import House
from tests.browser.windows import Windows

RECORD = """async () => {
  const canvas = Object.assign(document.createElement('canvas'), {width: 64, height: 36});
  const paint = canvas.getContext('2d');
  const recorder = new MediaRecorder(canvas.captureStream(25), {mimeType: 'video/webm'});
  const parts = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  const over = new Promise((resolve) => { recorder.onstop = resolve; });
  recorder.start();
  for (let n = 0; n < 12; n += 1) {
    paint.fillStyle = `hsl(${n * 30} 80% 50%)`;
    paint.fillRect(0, 0, 64, 36);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  recorder.stop();
  await over;
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  return btoa(String.fromCharCode(...bytes));
}"""
ITEM = """+++
kind = "video"
minutes = 0.5
title = "Le magasin en trente secondes"
summary = "De l\u2019entr\u00e9e au comptoir."
service = "phones"
[video]
file = "tour.webm"
captions = {fr = "tour.fr.vtt", en = "tour.en.vtt"}
+++
"""
POLL = """+++
kind = "poll"
minutes = 0.5
title = "Et chez vous ?"
summary = "Une question."
service = "phones"
[poll]
question = "Qui vous attend ?"
options = ["Un chat", "Un chien"]
+++
"""
CAPTIONS = "WEBVTT\n\n00:00.000 --> 00:05.000\nBienvenue.\n"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def film(browser: Browser) -> bytes:
    """Half a second of colours, filmed by the browser itself."""
    page = await browser.new_page()
    text: str = await page.evaluate(RECORD)
    await page.close()
    return base64.b64decode(text)


def shelve(folder: Path, film: bytes) -> None:
    """The film, its captions and its item in a store's folder of content."""
    folder.mkdir(parents=True)
    (folder / "tour.webm").write_bytes(film)
    for language in ("fr", "en"):
        (folder / f"tour.{language}.vtt").write_text(CAPTIONS, "utf-8")
    (folder / "tour.fr.md").write_text(ITEM, "utf-8")


async def test_a_film_plays_with_captions_and_stops_at_the_call(house: House, windows: Windows, store: str, film: bytes) -> None:
    shelve(house.content / store, film)
    phone = await Phone.join(windows, house.url, store, "phones")
    await phone.shows("waiting")
    page = phone.page
    await page.get_by_role("button", name="Le magasin en trente secondes").click()
    video = page.locator("video.film")
    await expect(video).to_be_visible()
    await video.evaluate("async (film) => { film.muted = true; film.loop = true; await film.play(); }")
    shown = await video.evaluate(
        "async (film) => { film.textTracks[0].mode = 'showing'; return [...film.textTracks].map((t) => t.language); }"
    )
    assert shown == ["fr", "en"]
    lea = await Staff.sign_in(windows, house.url, store, "lea", "1111")
    await lea.tap("next")
    await phone.shows("called")
    await expect(page.locator("dialog.reader")).to_be_hidden()
    assert await video.evaluate("(film) => film.paused")


async def test_a_poll_is_answered_once_and_the_salesperson_sees_it(house: House, windows: Windows, store: str) -> None:
    (house.content / store).mkdir(parents=True)
    (house.content / store / "ours.fr.md").write_text(POLL, "utf-8")
    phone = await Phone.join(windows, house.url, store, "phones")
    await phone.shows("waiting")
    page = phone.page
    await expect(page.locator(".phone-reading")).to_contain_text("verra ce que vous avez termin\u00e9 ici")
    card = page.get_by_role("button", name="Et chez vous ?")
    await card.click()
    await page.click("[data-action=vote][data-option='1']")
    await expect(page.locator(".poll [role=status]")).to_contain_text("Merci")
    await expect(page.locator(".poll")).to_contain_text("d\u00e8s qu\u2019il y en a cinq")
    await page.click(".reader-close")
    await expect(card).to_have_count(0)  # what was answered makes room for what is new
    lea = await Staff.sign_in(windows, house.url, store, "lea", "1111")
    await lea.tap("next")
    await expect(lea.page.locator(".read-list")).to_contain_text("Un chien")
    assert await lea.page.locator(".read-list li").count() == 1, "what was only opened is nobody's business"


async def test_nothing_longer_than_the_wait_is_offered(house: House, windows: Windows, store: str) -> None:
    phone = await Phone.join(windows, house.url, store, "phones")
    await phone.shows("waiting")
    chosen = await phone.page.evaluate(
        """async () => {
          const { choose } = await import('/static/phone/js/reading.js');
          const { now } = await import('/static/web/js/clock.js');
          const items = [3, 0.5, 8, 1].map((minutes) => ({id: `m${minutes}`, minutes}));
          const range = (low_s, high_s) => ({range: {low_s, high_s, as_of: new Date(now()).toISOString()}});
          const left = (low_s, high_s, seen) => choose(items, range(low_s, high_s), new Set(seen)).map((i) => i.id);
          const kinds = ['tip', 'tip', 'article', 'tip', 'article', 'article', 'poll', 'game', 'quiz'];
          const many = kinds.map((kind, n) => ({id: `${kind}${n}`, kind, minutes: 2}));
          const shown = (seen) => choose(many, range(600, 1200), new Set(seen)).map((i) => i.id);
          return [left(120, 360, []), left(0, 120, []), left(120, 360, ['m3']), shown([]), shown(['tip0', 'poll6'])];
        }"""
    )
    assert chosen[:3] == [["m3", "m0.5", "m1"], ["m0.5", "m1"], ["m0.5", "m1", "m3"]]
    assert chosen[3] == ["tip0", "tip1", "article2", "tip3", "game7", "poll6"], "with much time, something to play and to answer"
    assert chosen[4] == ["tip1", "article2", "tip3", "article4", "game7", "quiz8"]
