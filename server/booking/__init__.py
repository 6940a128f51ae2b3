"""Appointments: which slots a store can honour, and an appointment as a calendar file. Pure: values in, values out."""
