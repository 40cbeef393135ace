import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "luojiang_ce.settings")
application = get_wsgi_application()
