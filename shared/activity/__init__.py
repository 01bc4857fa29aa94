"""Activity: what customers do, as senders tell it: checked field by field, then recorded."""

from shared.activity.customer import customer_row
from shared.activity.event import event_row
from shared.activity.problem import Problem, Refused
from shared.activity.recording import SOURCES, Recorded, UnknownCustomer, add_customers, known_customers, record

__all__ = [
    "SOURCES",
    "Problem",
    "Recorded",
    "Refused",
    "UnknownCustomer",
    "add_customers",
    "customer_row",
    "event_row",
    "known_customers",
    "record",
]
