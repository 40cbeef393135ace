"""Settings from the environment only (django-environ); a start without keys makes its own in VAR_DIR/keys.env."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONCE, NONE, SELF

from luojiang_ce.health.faults import report_to
from luojiang_ce.keys import ensure_keys
from luojiang_ce.private import keep_private
from luojiang_ce.schedule import SCHEDULE

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
keep_private(VAR_DIR)
if keys_file := ensure_keys(VAR_DIR):
    env.read_env(keys_file)

DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
SECRET_KEY = env.str("SECRET_KEY")
# Keys that were made by a first start without any: fine for a demo, refused by `manage.py check --deploy`.
DEMO_KEYS = env.bool("DEMO_KEYS", default=False)
# The clock of this machine is kept by its host or platform, which its kernel does not know: it is not asked at a start.
CLOCK_KEPT_OUTSIDE = env.bool("CLOCK_KEPT_OUTSIDE", default=False)
# product.md: whoever checks a case does not decide it; a bureau of one pair of eyes may switch this off.
FOUR_EYES = env.bool("FOUR_EYES", default=True)
# Numbers that led to nobody the account may know of: above so many in a day the officers are told.
ID_MISSES_TOLD = env.int("ID_MISSES_TOLD", default=20)
# From so many of them in a day no number is looked up any more, for the account and for the address it came from.
ID_MISSES_STOPPED = env.int("ID_MISSES_STOPPED", default=200)
ID_MISSES_STOPPED_OF_ADDRESS = env.int("ID_MISSES_STOPPED_OF_ADDRESS", default=600)
# Reverse proxies in front, each of which appends to X-Forwarded-For: what an address is that is counted and recorded.
PROXIES = env.int("PROXIES", default=0)
# From so many failed sign-ins of one address within 30 minutes it signs nobody in, but from known devices.
SIGN_IN_FAILURES_OF_ADDRESS = env.int("SIGN_IN_FAILURES_OF_ADDRESS", default=30)
# For so long a device that has signed in has a count of failures of its own (luojiang_ce/authentication/devices.py).
KNOWN_DEVICE_DAYS = env.int("KNOWN_DEVICE_DAYS", default=180)
# Whole ID numbers on the stamped 附件4, by the bureau's decision; each making and opening of such a paper is on record.
WHOLE_IDS_ON_FORM4 = env.bool("WHOLE_IDS_ON_FORM4", default=False)
# Where papers point for their check page; printed as a QR code.
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", urlsplit(PUBLIC_URL).hostname])

# Served through TLS: by the proxy of deploy/nginx.conf, which says so in a header that it lets nobody else set. Whoever
# asks without TLS is led to it, but for the watchers of this machine, and browsers remember it for a year.
HTTPS = env.bool("HTTPS", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/(live|ready)$", r"^metrics$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[PUBLIC_URL] if HTTPS else [])
# Where the certificate of PUBLIC_URL is shown, for the health page: nginx on this machine.
TLS_AT = env.str("TLS_AT", default="127.0.0.1:443")

# Certificates that sign papers, as {"name": {"file": "….p12", "passphrase_env": "NAME", "digest": "sha256"}}; another
# `provider` than a PKCS#12 file is a class by its path (luojiang_ce/papers/signing/credentials.py). Seals name them.
SIGNERS = env.json("SIGNERS", default={})
# Timestamps of signatures (RFC 3161). Where the server is away papers are signed without, or wait until it answers.
TIMESTAMP_URL = env.str("TIMESTAMP_URL", default="")
TIMESTAMP_REQUIRED = env.bool("TIMESTAMP_REQUIRED", default=False)
TIMESTAMP_PATIENCE = env.int("TIMESTAMP_PATIENCE", default=10)  # seconds
# Days before a certificate ends on which the system's administrators are told.
CERTIFICATE_TOLD_DAYS = env.list("CERTIFICATE_TOLD_DAYS", cast=int, default=[90, 60, 30, 14, 7, 3, 1])

# Keys of their own, so that one can be rotated or escrowed without the others (domain.md §6).
ID_ENCRYPTION_KEY = env.str("ID_ENCRYPTION_KEY")
# Former ones, with commas between: they open what they have sealed until `manage.py rotate_keys` has renewed it.
ID_ENCRYPTION_KEYS_FORMER = env.list("ID_ENCRYPTION_KEYS_FORMER", default=[])
# Is what was stored before files were sealed, and numbers were bound to their rows, opened still? Once rotate_keys says
# that nothing of it is left: 0, so that nobody puts an old one back unseen.
OLDER_SEALS = env.bool("OLDER_SEALS", default=True)
ID_LOOKUP_KEY = env.str("ID_LOOKUP_KEY")
EVENT_LOG_KEY = env.str("EVENT_LOG_KEY")
# Where the event log began, as `manage.py check_audit` says it: of a log that was emptied and begun anew it differs.
AUDIT_BEGINNING = env.str("AUDIT_BEGINNING", default="")
# Where readings (log-ins, exports, downloads) go that are older than so many months, at least 6, as signed files;
# empty: nothing leaves the log. What changed something stays for ever.
AUDIT_PARTS_DIR = env.str("AUDIT_PARTS_DIR", default="")
AUDIT_KEEP_MONTHS = env.int("AUDIT_KEEP_MONTHS", default=36)
# People whose last employment ended more than so many years ago, and about whom nothing is open, are anonymised by
# `manage.py anonymise`; 0: nobody, as long as the bureau has set nothing.
ANONYMISE_AFTER_YEARS = env.int("ANONYMISE_AFTER_YEARS", default=0)
# What /privacy/ says of whom to ask; it says 未设定 where nothing is set.
BUREAU_PHONE = env.str("BUREAU_PHONE", default="")
BUREAU_ADDRESS = env.str("BUREAU_ADDRESS", default="")
PRIVACY_CONTACT = env.str("PRIVACY_CONTACT", default="")
# Under it lie the private halves of the keys that sign papers: 32 bytes in base 64.
SIGNING_SECRET = env.str("SIGNING_SECRET")
# With what the numbers of those keys begin; another district has its own.
SIGNING_NAME = env.str("SIGNING_NAME", default="LJ")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "axes",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_filters",
    "django_htmx",
    "bootstrap",
    "luojiang_ce.workdays",
    "luojiang_ce.workflow",
    "luojiang_ce.authentication",
    "luojiang_ce.second_factor",
    "luojiang_ce.files",
    "luojiang_ce.sheets",
    "luojiang_ce.jobs",
    "luojiang_ce.proof",
    "luojiang_ce.papers",
    "luojiang_ce.notices",
    "luojiang_ce.deadlines",
    "luojiang_ce.backup",
    "luojiang_ce.health",
    "luojiang_ce.home",
    "units",
    "units.extensions",
    "units.circulars",
    "units.opinions",
    "units.sanctions",
    "units.interpretations",
    "units.archive",
    "training.plans",
    "training.classes",
    "training.classes.changes",
    "training.attendance",
    "training.attendance.phone",
    "training.attendance.teacher",
    "training.attendance.photographs",
    "training.recognition",
    "training.inspections",
    "training.inspections.draws",
    "training.inspections.decisions",
    "training.oversight",
    "verification.ledger",
    "verification.requirements",
    "verification.booklets",
    "verification.self_study",
    "verification.declarations",
    "verification.batches",
    "verification.record",
    "verification.direct",
    "verification.counter",
    "verification.shortfalls",
    "verification.own_record",
    "verification.cycles",
]

MIDDLEWARE = [
    "luojiang_ce.health.middleware.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "luojiang_ce.home.middleware.EndedSessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "luojiang_ce.home.middleware.AccountMiddleware",
    "luojiang_ce.home.on_record.OnRecordMiddleware",
    "luojiang_ce.bodies.BodyLimitMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "luojiang_ce.home.middleware.OnceMiddleware",
    "luojiang_ce.spooling.SpoolingMiddleware",
    "luojiang_ce.home.middleware.NoNulMiddleware",
    "luojiang_ce.home.middleware.NoIdInAddressMiddleware",
    "luojiang_ce.home.middleware.KeptNowhereMiddleware",
    "luojiang_ce.home.middleware.LivingSessionMiddleware",
    "luojiang_ce.home.middleware.ExpiredSessionMiddleware",
    "luojiang_ce.home.middleware.NoEmptyPageMiddleware",
    "luojiang_ce.home.middleware.FirstPasswordMiddleware",
    "luojiang_ce.home.middleware.SecondFactorMiddleware",
    "luojiang_ce.jobs.middleware.TooManyWaitingMiddleware",
    "luojiang_ce.home.cannot_open.CannotOpenMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "luojiang_ce.urls"
WSGI_APPLICATION = "luojiang_ce.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["luojiang_ce.home.templatetags.sent_once"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "luojiang_ce.home.shell.shell",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # Immediate transactions take SQLite's one write lock at BEGIN, which stands in for select_for_update.
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        # What was said to be saved outlives a power cut; what a transaction may have to take back is kept in memory: a
        # folder for temporary files that is full stops nothing.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY;",
    }
else:
    DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
    # One that a restart of the server has cut is replaced before a request meets it.
    DATABASES["default"].setdefault("CONN_HEALTH_CHECKS", True)
    # Who may see what is asked in nested conditions, which PostgreSQL takes for long queries: it would compile each for
    # 100 ms to answer in 30.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("options", "-c jit=off")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "units.Account"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "luojiang_ce.authentication.passwords.NotEndless"},
    {"NAME": "luojiang_ce.authentication.passwords.Breached"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "luojiang_ce.authentication.passwords.MixedCharacters"},
    {"NAME": "luojiang_ce.authentication.passwords.NotFormer"},
]
LOGIN_URL = "home:sign_in"
LOGIN_REDIRECT_URL = "home:start"
CSRF_FAILURE_VIEW = "luojiang_ce.home.views.stale_page"
# domain.md §6 (等保2.0): five failures lock for 30 minutes; 30 idle minutes sign out.
AXES_FAILURE_LIMIT = 5
AXES_VERBOSE = False
AXES_COOLOFF_TIME = 0.5
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_CALLABLE = "luojiang_ce.home.views.locked_out"
AXES_LOCKOUT_PARAMETERS = ["username"]  # whatever the address: a guesser has many; what one may fail says the handler
AXES_HANDLER = "luojiang_ce.authentication.handler.Handler"
AXES_USERNAME_CALLABLE = "luojiang_ce.authentication.devices.name_counted"
AXES_CLIENT_IP_CALLABLE = "luojiang_ce.authentication.addresses.address_of"
# The name alone is stricter than the pair with the address that axes asks for; preload lists of browsers are for whole
# domains, and this is one host of a government's.
SILENCED_SYSTEM_CHECKS = ["axes.W006", "security.W021"]
SESSION_ENGINE = "luojiang_ce.authentication.store"
SESSION_COOKIE_AGE = 30 * 60
# Kept alive by luojiang_ce.home.middleware.LivingSessionMiddleware, but never longer than so many hours.
SESSION_LIFETIME = env.int("SESSION_LIFETIME", default=12)
# A password that somebody else has given (of a new account, a reset one) opens nothing after so many days.
ONE_TIME_PASSWORD_DAYS = env.int("ONE_TIME_PASSWORD_DAYS", default=7)
# Within so many hours a second officer confirms what is asked for of an officer's account; then it is asked anew.
OFFICER_REQUEST_HOURS = env.int("OFFICER_REQUEST_HOURS", default=72)
# A code of the own phone beside the password: off, offered, required; for the bureau's staff, and for everybody else.
SECOND_FACTOR_BUREAU = env.str("SECOND_FACTOR_BUREAU", default="offered")
SECOND_FACTOR_UNITS = env.str("SECOND_FACTOR_UNITS", default="offered")
# Signing in by an identity of another house (OpenID Connect): its issuer, what it knows us by, how the button calls it;
# off without an issuer. Which values of `amr` or `acr` say that the provider has asked for a second factor itself.
OIDC_ISSUER = env.str("OIDC_ISSUER", default="")
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", default="")
OIDC_NAME = env.str("OIDC_NAME", default="统一身份认证")
OIDC_SECOND_FACTOR = env.list("OIDC_SECOND_FACTOR", default=[])
# How many of the passwords that an account had last are not taken again.
PASSWORDS_REMEMBERED = env.int("PASSWORDS_REMEMBERED", default=5)
SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = VAR_DIR / "files"  # never served by URL: files go through access-checked views
STORAGES = {
    "default": {"BACKEND": "luojiang_ce.sealing.storage.SealedStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if DEMO_KEYS:
    # Straight from the source folders, so that a first start needs no collectstatic.
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    WHITENOISE_USE_FINDERS = True
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
FIXTURE_DIRS = [BASE_DIR / "fixtures"]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
# Larger ones wait here, plain, until they are stored; what a power cut leaves is swept (files/tasks.py).
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler", "luojiang_ce.spooling.Spool"]
FILE_UPLOAD_TEMP_DIR = VAR_DIR / "spool"
FILE_UPLOAD_TEMP_DIR.mkdir(exist_ok=True)
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 10_485_760
UPLOAD_LIMIT_BYTES = 20 * 1024 * 1024  # of a file
READER_SECONDS = env.float("READER_SECONDS", default=4)  # that a page waits for what somebody sent to be read
# A virus scanner that looks into every upload: unix:/run/clamav/clamd.ctl or tcp:127.0.0.1:3310; seconds for one file.
CLAMD_ADDRESS = env.str("CLAMD_ADDRESS", default="")
CLAMD_SECONDS = env.float("CLAMD_SECONDS", default=10)
BODY_LIMIT_BYTES = 10 * UPLOAD_LIMIT_BYTES  # of all that a form sends at once, by somebody signed in (bodies.py)

BROKER_URL = env.str("BROKER_URL", default="filesystem://localhost")
CELERY_BROKER_URL = BROKER_URL
CELERY_WORKER_HIJACK_ROOT_LOGGER = False  # the worker's lines are as LOGGING below has them
CELERY_TIMEZONE = TIME_ZONE
# E-mail, for example EMAIL_URL=smtp+tls://user:password@mail.example:587; without it the inbox is the only channel.
EMAIL_CHANNEL = bool(env.str("EMAIL_URL", default=""))
if EMAIL_CHANNEL:
    vars().update(env.email("EMAIL_URL"))
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="jixujiaoyu@localhost")
# Chat groups that are told how many notices of which kind there are, as {"name": "apprise URL"} or
# {"name": {"url": …, "kinds": ["progress", "reminder"], "roles": ["bureau_handler", "bureau_approver"]}}.
NOTICE_CHANNELS = env.json("NOTICE_CHANNELS", default={})
NOTICE_TRIES = env.int("NOTICE_TRIES", default=8)
# Where the worker puts a copy of everything each night, and the keys (never inside it); copies older than so many days
# go, but the first of each month for a year.
BACKUP_DIR = env.str("BACKUP_DIR", default="")
BACKUP_KEYS = env.str("BACKUP_KEYS", default="")
BACKUP_KEEP_DAYS = env.int("BACKUP_KEEP_DAYS", default=30)
# Copies on the disk of the data are refused: so they would lie where the other disk is not mounted.
BACKUP_SAME_DISK = env.bool("BACKUP_SAME_DISK", default=False)
# Hours after which the last copy is too old, gigabytes below which a disk is nearly full: both are told.
BACKUP_TOLD_HOURS = env.int("BACKUP_TOLD_HOURS", default=26)
DISK_FREE_GIB = env.float("DISK_FREE_GIB", default=2)
# Who reads /metrics brings this (Authorization: Bearer …); empty: there is no such page.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
# Where faults are reported (Sentry, GlitchTip); empty: into the log alone.
SENTRY_DSN = env.str("SENTRY_DSN", default="")
# Minutes without any run after which the worker counts as stopped (page banner, manage.py check_worker).
WORKER_SILENCE = env.int("WORKER_SILENCE", default=5)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULER = "luojiang_ce.beat:Scheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
if DEMO:  # its papers bear days long past: whoever tries one should not have to wait for tomorrow's head
    SCHEDULE["公布树根"] = (*SCHEDULE["公布树根"][:2], 600)
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    name: {"task": task, "schedule": when} for name, (_, task, when) in SCHEDULE.items()
}
for each in CELERY_BEAT_SCHEDULE.values():
    if isinstance(each["schedule"], int):  # before a busy worker gets to one, the next is there
        each["options"] = {"expires": each["schedule"]}
# The worker looks for tasks.py in apps; what is scheduled may also stand in a room of an app (units.lapses).
CELERY_IMPORTS = sorted({task.rpartition(".")[0] for _, task, _ in SCHEDULE.values()})
# A request rings the bell and does not wait at a closed door: the sweep finds what waits (seconds, tries).
BROKER_PATIENCE = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.1}
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any]
if not BROKER_URL.startswith("filesystem:"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {**BROKER_PATIENCE, "socket_connect_timeout": 2}
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(VAR_DIR / "broker"),
        "data_folder_out": str(VAR_DIR / "broker"),
        "processed_folder": str(VAR_DIR / "broker-done"),
        "control_folder": str(VAR_DIR / "broker-control"),
        "store_processed": False,
    }
    for folder in ("broker", "broker-done", "broker-control"):
        (VAR_DIR / folder).mkdir(parents=True, exist_ok=True)

# A line each, as JSON where LOG_JSON=1: with the number of the request, never with what was typed or who was named.
LOG_JSON = env.bool("LOG_JSON", default=False)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {name: {"()": f"luojiang_ce.health.logs.{name}"} for name in ("RequestId", "WithoutData")},
    "formatters": {
        "plain": {
            "()": "luojiang_ce.health.logs.Plain",
            "fmt": "{levelname} {name} [{request_id}] {message}",
            "style": "{",
        },
        "json": {
            "()": "luojiang_ce.health.logs.Json",
            "fmt": "{asctime}{levelname}{name}{request_id}{message}",
            "style": "{",
            "json_ensure_ascii": False,
        },
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["RequestId", "WithoutData"],
            "formatter": "json" if LOG_JSON else "plain",
        }
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
    "loggers": {
        "luojiang_ce.requests": {"level": "INFO" if LOG_JSON else "WARNING"},
        # Heads of the log leave the house by this line, whatever LOG_LEVEL and the worker's --loglevel say.
        "luojiang_ce.workflow.heads": {"level": "INFO"},
    },
}
if SENTRY_DSN:
    report_to(SENTRY_DSN)
