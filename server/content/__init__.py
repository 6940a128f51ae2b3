"""Something worth reading or playing while waiting: items written in Markdown, by service, language and length."""
