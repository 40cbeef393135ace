"""What anybody verifies with: the page that works without a network; keys, revocation list, heads as files."""

from __future__ import annotations

import json
import logging
from base64 import b64encode

from csp.constants import SELF
from csp.decorators import csp_update
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from luojiang_ce.access import public
from luojiang_ce.authentication.addresses import address_of, network_of
from luojiang_ce.authentication.brakes import Brake
from luojiang_ce.workflow.readings import off_record

from . import keyring, tree, words
from .models import TreeHead, note_of
from .notes import MOST_BYTES, BadNote
from .revocations import signed_list

log = logging.getLogger(__name__)
IN_VAIN = Brake("cosignatures", 10, lambda: 60)  # what an address sends that is no countersignature
TEXT = "text/plain; charset=utf-8"
PUBLISHED = "published, for everybody"
SCRIPTS = ("cbor", "statement", "notes", "trust", "verdict", "scan", "page")
MARKS = ("circle-check", "circle-x", "circle-question-mark", "circle-minus")
ICONS = (*dict.fromkeys(icon for _, icon, *_ in words.VERDICTS.values()), *MARKS)
STYLES = ("bootstrap/css/bootstrap.min.css", "css/tokens.css", "css/components.css", "css/app.css")


@public
@csp_update({"manifest-src": SELF})
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The page that verifies without a network; it is the same for everybody, so that it can be kept."""
    told = {"verdicts": words.VERDICTS, "findings": words.FINDINGS, "labels": words.LABELS, "outcomes": words.OUTCOMES}
    said = {"unreadable": words.UNREADABLE, "unsigned": words.NOT_SIGNED, "portable": words.PORTABLE}
    said |= {"no_paper": words.NO_PAPER, "proof_alone": words.PROOF_ALONE}
    said |= {"empty_file": words.EMPTY_FILE, "locked": words.LOCKED}
    said |= {"self_said": words.SELF_SAID, "untitled": words.UNTITLED}
    context = {"words": told | said, "scripts": _scripts(), "styles": _styles(), "icons": ICONS}
    return render(request, "proof/page.html", context)


@off_record(PUBLISHED)
@public
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker of the page; it names everything that the page is made of."""
    parts = [reverse("proof:page"), reverse("proof:manifest"), static("img/icon.svg"), *_scripts(), *_styles()]
    context = {"parts": json.dumps(parts)}
    return render(request, "proof/worker.js", context, content_type="text/javascript; charset=utf-8")


@off_record(PUBLISHED)
@public
@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """By which a phone puts the page among its applications."""
    told = {
        "name": "洛江继续教育 离线核验",
        "short_name": "离线核验",
        "lang": "zh-CN",
        "start_url": reverse("proof:page"),
        "scope": reverse("proof:page"),
        "display": "standalone",
        "background_color": "#f6f3ec",
        "theme_color": "#1f3b63",
        "icons": [{"src": static("img/icon.svg"), "sizes": "any", "type": "image/svg+xml"}],
    }
    return JsonResponse(told, content_type="application/manifest+json")


@public
@require_safe
def keys(request: HttpRequest) -> JsonResponse:
    """The public keys (RFC 7517)."""
    return JsonResponse(keyring.as_jwks(), json_dumps_params={"ensure_ascii": False})


@off_record(PUBLISHED)
@public
@require_safe
def revocations(request: HttpRequest) -> HttpResponse:
    """The signed list of revoked papers (COSE)."""
    try:
        return HttpResponse(signed_list(), content_type="application/cose")
    except keyring.SecretWrong:
        log.exception("the list of revoked papers cannot be signed")
        return _said("撤销清单现在签不了名，请稍后再取；单份文书可在核验页在线查询，一直出现的请告诉区人社局", 503)


@off_record(PUBLISHED)
@public
@require_safe
def head(request: HttpRequest, size: int | None = None) -> HttpResponse:
    """A published head, by default the latest, with whatever countersignatures it has by now."""
    found = tree.latest() if size is None else TreeHead.objects.filter(size=size).last()
    if found is None:
        raise Http404
    return HttpResponse(str(note_of(found)), content_type=TEXT)


@off_record(PUBLISHED)
@public
@require_safe
def heads(request: HttpRequest) -> HttpResponse:
    """Every head that was published: day, size, root."""
    lines = (f"{tree.line_of(each)}\n" for each in TreeHead.objects.iterator())
    return HttpResponse("".join(lines), content_type=TEXT)


@off_record(PUBLISHED)
@public
@require_safe
def consistency(request: HttpRequest, old: int, new: int) -> HttpResponse:
    """The hashes that show that an earlier published head is the beginning of a later one."""
    try:
        hashes = tree.consistency_between(old, new)
    except tree.NotOurHead as unknown:
        raise Http404 from unknown
    return HttpResponse("".join(f"{b64encode(each).decode()}\n" for each in hashes), content_type=TEXT)


@off_record(PUBLISHED)
@csrf_exempt  # no session is asked: the signature says who it is
@public
@require_POST
def cosignatures(request: HttpRequest) -> HttpResponse:
    """Take a head that a registered body has signed."""
    sender = network_of(address_of(request))
    if IN_VAIN.holds(sender):
        return _said("短时间内送来的太多，请十分钟后再送", 429)
    said = _taken(request)
    if said.status_code != 200:
        IN_VAIN.add(sender)
    return said


def _taken(request: HttpRequest) -> HttpResponse:
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        return _said(f"送来的内容超过 {MOST_BYTES} 字节，不是签过名的树根", 413)
    try:
        new = tree.cosign(request.body.decode())
    except tree.NotOurHead:
        return _said("本系统没有公布过这个树根，请重新下载后再签", 409)
    except (BadNote, UnicodeDecodeError, RawPostDataException):  # the last where a form was sent
        return _said("没有登记过的单位的有效签名。请核对：公钥是否已登记，签名后内容是否改过", 422)
    names = "、".join(each.label for each in new)
    return _said(f"已收下 {names} 的会签" if new else "这些会签原来已经收下", 200)


def _said(text: str, status: int) -> HttpResponse:
    return HttpResponse(f"{text}\n", status=status, content_type=TEXT)


def _scripts() -> list[str]:
    return [static("vendor/jsqr/jsQR.js"), *(static(f"js/proof/{name}.js") for name in SCRIPTS)]


def _styles() -> list[str]:
    return [static(path) for path in STYLES]
