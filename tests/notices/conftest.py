"""Fixtures for webhooks, whose receivers of the tests live on this box."""

from tests.connectors.conftest import loopback

__all__ = ["loopback"]
