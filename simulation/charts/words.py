"""The words in the pictures, in English; a page gives its reader's."""

Words = dict[str, str]
ENGLISH: Words = {
    "time": "time of day", "shoppers": "shoppers in a quarter hour", "people": "people", "wait": "minutes of waiting", "before": "before",
    "after": "after", "unanswered": "unanswered shoppers", "hours": "paid hours a day", "share": "unanswered, %", "day": "day",
    "service": "service", "staff": "on duty", "plan": "plan", "skills": "skills", "expected": "expected",
}  # fmt: skip
"""Every word of every picture; a page gives its own."""
