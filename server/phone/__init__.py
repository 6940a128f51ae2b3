"""The shopper's waiting room: joining with a phone, following one's turn, being called."""
