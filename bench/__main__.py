"""`python -m bench`: every benchmark of text, in one run."""

from bench import text

if __name__ == "__main__":
    text.main()
