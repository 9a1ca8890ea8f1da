"""Tells users and the webhook how jobs ended: from the outbox to Expo, browsers and a server."""
