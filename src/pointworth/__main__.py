"""`pointworth` and `python -m pointworth`: from here on a signal is heeded."""

import sys

from pointworth import stopping


def main() -> None:
    """Run the command line; a process that was asked to stop ends here, whatever it met."""
    stopping.listen()
    try:
        from pointworth.cli import app

        app()
    except BaseException:
        if not stopping.is_asked():
            raise
        if stopping.say():
            sys.stderr.write(f"{stopping.sentence()}\n")
        stopping.leave(stopping.exit_code())


if __name__ == "__main__":
    main()
