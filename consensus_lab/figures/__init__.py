"""Still pictures for the page: SVG with a text alternative, light and dark."""

from consensus_lab.figures.graph import state_graph_picture
from consensus_lab.figures.history import history_picture
from consensus_lab.figures.picture import Picture
from consensus_lab.figures.quorum import quorum_picture
from consensus_lab.figures.run import run_picture

__all__ = ["Picture", "history_picture", "quorum_picture", "run_picture", "state_graph_picture"]
