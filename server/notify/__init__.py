"""Web push, SMS and e-mail for shoppers whose page is closed: "two ahead", "next" and "now", each way at most once."""
