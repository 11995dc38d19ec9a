"""Speed figures, on the reader's own machine."""
