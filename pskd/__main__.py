"""``python -m pskd``."""

from pskd.cli.main import main

if __name__ == "__main__":
    main()
