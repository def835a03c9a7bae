"""One look at a landing folder before anything is started: everything wrong is said at once.

What is there, whether each file is what its name claims, and whether a sample of its values is
what the contract asks for. The look never judges a row: that is the build's, which has the same
rules for files and headers (`load_landing`).
"""

from pointworth.landing.look import Landing, inspect_landing

__all__ = ["Landing", "inspect_landing"]
