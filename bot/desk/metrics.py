"""What the desk counts; nothing a patient wrote is among it."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class Metrics:
    """The desk's own registry, so that two desks in one process do not share numbers."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.sessions = Counter("psoas_sessions", "Conversations opened", ["channel"], registry=self.registry)
        self.received = Counter(
            "psoas_messages_received", "Patients' messages stored", ["channel", "kind"], registry=self.registry
        )
        self.replies = Counter("psoas_replies", "Messages stored for patients", ["author"], registry=self.registry)
        self.assistant_failures = Counter(
            "psoas_assistant_failures", "Calls to the assistant that failed", ["kind"], registry=self.registry
        )
        self.turn_seconds = Histogram(
            "psoas_turn_seconds",
            "From storing a patient's message to the end of its answer",
            buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
            registry=self.registry,
        )
        self.deliveries = Counter(
            "psoas_deliveries", "Deliveries by channels that push", ["channel", "outcome"], registry=self.registry
        )
        self.waiting = Gauge(
            "psoas_inbox_waiting", "Patients' messages that are not answered yet", registry=self.registry
        )
        self.streams = Gauge("psoas_streams", "Open event streams", registry=self.registry)
        self.requests = Counter(
            "psoas_requests", "HTTP requests by area and status", ["area", "status"], registry=self.registry
        )
