"""Scripts that every live part of a page shares: the screen's websocket, and how a part keeps its data up to date."""
