"""The staffing lab in the manager's desk: what is asked over HTTP, the twin's runs behind it, and rosters to take away."""
