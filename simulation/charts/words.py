"""The words in the pictures, in English; a page gives its reader's."""

Words = dict[str, str]
ENGLISH: Words = {
    "time": "time of day", "shoppers": "shoppers in a quarter hour", "people": "people", "wait": "minutes of waiting", "before": "before",
    "after": "after", "unanswered": "unanswered shoppers", "hours": "paid hours a day", "share": "unanswered, %", "day": "day",
    "service": "service", "staff": "on duty", "plan": "plan", "skills": "skills", "expected": "expected",
}  # fmt: skip
"""Every word of every picture; a page gives its own."""

SHEETS: Words = ENGLISH | {
    "given": "plan given", "erlang_a": "Erlang-A", "demand_title": "Shoppers, and people on duty",
    "waits_title": "Waits: half of the days inside the dark band, eight in ten inside the light one",
    "unanswered_title": "Unanswered shoppers",
    "foretold_title": "{day}: {mean:.0f} shoppers expected, {low:.0f} to {high:.0f} nine times in ten",
    "foretold_service": "{service}: {total:.0f}, by quarter hour",
    "cost_title": "Cost against unanswered", "roster_title": "Shifts", "staff_title": "People on duty",
}  # fmt: skip
"""The same, and the titles of the pictures in a file, which has no page around it."""
