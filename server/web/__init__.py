"""What every face shares: API, sockets, sessions, security, the one error shape, languages, schema."""
