from .forms import AwardForm
from .recipients import Recipient
from .register import Award, Revocation
from .rounds import Nomination, Round

__all__ = ["Award", "AwardForm", "Nomination", "Recipient", "Revocation", "Round"]
