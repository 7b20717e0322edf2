"""The resource types that stacks of this account can have. Another type makes the deployment fail and say so."""
from . import eks, identity, network, services, stacks  # noqa: F401  each registers its types
from .registry import HANDLERS, Made, NotPlayed, handler_of

__all__ = ["HANDLERS", "Made", "NotPlayed", "handler_of"]
