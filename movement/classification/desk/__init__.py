"""The desk: entering, checking and deciding one unit or many. Edges only; rules and writes lie in the app."""
