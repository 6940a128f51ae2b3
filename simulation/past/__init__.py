"""What really happened, and what is learned from it: visits files, recorded days told again, laws, paces, who was on duty, forecasts."""
