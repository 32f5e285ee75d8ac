"""`python -m bench [text|media|pages] [OPTIONS]`: every benchmark in one run, or the one that is named."""

import sys

from bench import media, pages, text

if __name__ == "__main__":
    match sys.argv[1:]:
        case ["text"]:
            text.main()
        case ["media", *words]:
            media.main(words)
        case ["pages", *words]:
            pages.main(words)
        case []:
            text.main()
            media.main([])
            pages.main([])
        case _:
            sys.exit(__doc__)
