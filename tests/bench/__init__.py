"""Speed, judged by ratios against a bare Django page in one run: `make bench`. No part of `make test`."""
