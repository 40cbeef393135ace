"""What gunicorn serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from luojiang_ce.one_piece import in_one_piece

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "luojiang_ce.settings")
application = in_one_piece(get_wsgi_application())
# The views are loaded now, not by the first reader. What is loaded stays for good, so the collector need not walk it
# again in the middle of requests, which takes a tenth of their time.
len(get_resolver().url_patterns)
gc.collect()
gc.freeze()
