"""Settings for tests: the product's own, with keys of their own and a folder of their own."""

import os
import tempfile

# Of several workers each has a folder of its own: they inherit what the process that starts them has set here.
worker = os.environ.get("PYTEST_XDIST_WORKER", "")
if "VAR_DIR" not in os.environ or os.environ.get("VAR_DIR_OF", "") != worker:
    os.environ |= {"VAR_DIR": tempfile.mkdtemp(prefix="luojiang-ce-tests-"), "VAR_DIR_OF": worker}
for key in ("SECRET_KEY", "ID_LOOKUP_KEY", "EVENT_LOG_KEY"):
    os.environ[key] = f"tests-{key.lower()}"
os.environ["ID_ENCRYPTION_KEY"] = "dGVzdHMtdGVzdHMtdGVzdHMtdGVzdHMtdGVzdHMtdGU="
os.environ["SIGNING_SECRET"] = "c2lnbnMtc2lnbnMtc2lnbnMtc2lnbnMtc2lnbnMtc2k="

from luojiang_ce.settings import *  # noqa: E402, F403

STORAGES = {
    "default": {"BACKEND": "luojiang_ce.sealing.storage.SealedStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# Hashing hard is for people's passwords; here every test makes a dozen accounts.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405

READER_SECONDS = 300  # the machine may have other work; what is counted of the processor's own time stays as it is

# A real file, as in production: in memory SQLite shares one cache and knows neither WAL nor waiting for a lock.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    DATABASES["default"]["TEST"] = {"NAME": VAR_DIR / "tests.sqlite3"}  # noqa: F405
    # No test's database outlives a power cut; waiting for the disk at each commit takes as long as the tests do.
    options = DATABASES["default"]["OPTIONS"]  # noqa: F405
    options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")

TEMPLATES[0]["DIRS"].append(BASE_DIR / "tests" / "templates")  # noqa: F405

# A kind of case of the tests' own: it shows up wherever kinds do.
INSTALLED_APPS.append("tests.toy")  # noqa: F405
ROOT_URLCONF = "tests.urls"
