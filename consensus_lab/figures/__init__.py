"""Still pictures for the page: SVG with a text alternative, light and dark."""

from consensus_lab.figures.graph_picture import state_graph_picture
from consensus_lab.figures.history_picture import history_picture
from consensus_lab.figures.picture import Picture
from consensus_lab.figures.quorum_picture import quorum_picture
from consensus_lab.figures.run_picture import run_picture

__all__ = ["Picture", "history_picture", "quorum_picture", "run_picture", "state_graph_picture"]
