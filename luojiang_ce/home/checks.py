"""What a production start and `manage.py check --deploy` refuse: no real people's data lie behind a demo's keys.

Those of the tag `start` are looked at before each start (deploy/start.py, the units of systemd): all at once, each with
what it is, why, and what to do.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from luojiang_ce import system_clock
from luojiang_ce.keys import NAMES, SECRETS
from luojiang_ce.sealing.ring import KEY_BYTES

START = "start"
FORMER = "ID_ENCRYPTION_KEYS_FORMER"
LETTERS, DIFFERENT = 32, 12  # of a key that is a text: how long it is at least, and of how many different letters
NEW = "用 .venv/bin/python deploy/new_keys.py 生成，写进环境文件，并另存一处"


@register(Tags.security, START, deploy=True)
def production(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Keys of one's own, no debugging, no demo, encrypted connections, a clock that is kept."""
    return [*_of_a_demo(), *_keys(), *_without_tls(), *_clock()]


@register(Tags.security, deploy=True)
def looked_after(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """What the system can start without, but nobody should run it without."""
    found: list[CheckMessage] = []
    if not settings.EMAIL_CHANNEL:
        hint = "请设定 EMAIL_URL、EMAIL_FROM 和 PUBLIC_URL"
        found.append(Error("没有设定邮件：不登录的人收不到任何提醒。", hint=hint, id="luojiang.E005"))
    if not settings.BACKUP_DIR:
        hint = "请把 BACKUP_DIR 设到另一块磁盘，BACKUP_KEYS 设到第三处"
        found.append(Error("没有设定备份：磁盘一坏，全部登记就没有了。", hint=hint, id="luojiang.E014"))
    broker = urlsplit(settings.BROKER_URL)
    if broker.scheme in ("redis", "rediss") and not broker.password:
        said = "BROKER_URL 没有密码：本机任何账号的程序都能替后台程序派活。"
        hint = "请在 redis.conf 设 requirepass，并把 BROKER_URL 写成 redis://:密码@127.0.0.1:6379/0"
        found.append(Error(said, hint=hint, id="luojiang.E031"))
    if settings.OLDER_SEALS:
        said = "没有加密的文件、旧格式的号码还能打开（OLDER_SEALS=1）：谁能写数据盘，谁就能换进自己的。"
        hint = "请运行 manage.py rotate_keys；它说没有旧格式了，就设 OLDER_SEALS=0"
        found.append(Warning(said, hint=hint, id="luojiang.W033"))
    if settings.OIDC_ISSUER and not settings.OIDC_ISSUER.startswith("https://"):
        said = "OIDC_ISSUER 不是 https 地址：谁在中间，谁就能冒充任何人登录。"
        found.append(Error(said, hint="请填统一身份认证的 https 地址", id="luojiang.E030"))
    return found


def _of_a_demo() -> Iterator[CheckMessage]:
    if settings.DEMO_KEYS:
        names = "、".join((*NAMES, *SECRETS))
        yield Error(
            "密钥是第一次启动时自己生成的（DEMO_KEYS=1）：与数据放在一起，谁拿到数据就能读出证件号码。",
            hint=f"请在环境里设定 {names}：{NEW}。演示请用 make run",
            id="luojiang.E001",
        )
    if settings.DEBUG:
        yield Error("DEBUG=1 会把系统内部显示给外人。", hint="请设 DEBUG=0", id="luojiang.E002")
    if settings.DEMO:
        yield Error("DEMO=1 让任何人一键登录。", hint="请设 DEMO=0，并换一个没有演示数据的 VAR_DIR", id="luojiang.E003")


def _without_tls() -> Iterator[CheckMessage]:
    if not settings.SESSION_COOKIE_SECURE:
        hint = "请设 HTTPS=1，只经 deploy/nginx.conf 那样的 TLS 代理对外服务"
        yield Error("没有启用 HTTPS：密码和证件号码在网上明文传送。", hint=hint, id="luojiang.E004")
    if urlsplit(settings.PUBLIC_URL).scheme != "https":
        hint = "请设 PUBLIC_URL=https://对外的域名"
        said = f"PUBLIC_URL={settings.PUBLIC_URL} 不是 https 地址：文书上的二维码和邮件里的链接会指向不加密的地址。"
        yield Error(said, hint=hint, id="luojiang.E015")


def _keys() -> Iterator[CheckMessage]:
    """Each on its own, then any two that are the same."""
    texts = {name: str(getattr(settings, name)) for name in (*NAMES, *SECRETS)}
    texts |= {f"{FORMER} 第 {n} 个": text for n, text in enumerate(settings.ID_ENCRYPTION_KEYS_FORMER, 1)}
    for name, text in texts.items():
        if wrong := _why_weak(text) if name in NAMES else _why_no_secret(text):
            yield Error(f"密钥 {name} {wrong}。", hint=NEW if FORMER not in name else _OLD, id="luojiang.E016")
    first: dict[str, str] = {}
    for name, text in texts.items():
        if text in first:
            said = f"密钥 {name} 与 {first[text]} 相同：一处泄露，两处都失守，也无法单独更换。"
            yield Error(said, hint=f"请各用各的：{NEW}", id="luojiang.E017")
        first.setdefault(text, name)


_OLD = "请原样填写换下来的 ID_ENCRYPTION_KEY，多个之间用英文逗号隔开"


def _why_weak(text: str) -> str:
    if len(text) < LETTERS:
        return f"只有 {len(text)} 个字符，少于 {LETTERS} 个，可以猜出来"
    if len(set(text)) < DIFFERENT:
        return f"只用了 {len(set(text))} 种字符，可以猜出来"
    return ""


def _why_no_secret(text: str) -> str:
    try:
        secret = b64decode(text, validate=True)
    except (NotBase64, ValueError):
        return "不是 Base64 编码，读不出来"
    if len(secret) != KEY_BYTES:
        return f"是 {len(secret)} 字节，应为 {KEY_BYTES} 字节"
    return f"只用了 {len(set(secret))} 种字节，可以猜出来" if len(set(secret)) < DIFFERENT else ""


def _clock() -> Iterator[CheckMessage]:
    if settings.CLOCK_KEPT_OUTSIDE:
        return
    kept = system_clock.is_synchronised()
    hint = "请安装并启用 chrony 或 systemd-timesyncd（timedatectl 应显示 synchronized: yes）；"
    hint += "由宿主机或虚拟化平台对时的，核实后设 CLOCK_KEPT_OUTSIDE=1"
    if kept is False:
        said = "系统时钟没有与时间服务器同步：期限、签章时间和操作记录都以它为准。"
        yield Error(said, hint=hint, id="luojiang.E018")
    if kept is None:
        yield Warning("不能得知系统时钟是否同步（容器不允许询问）。", hint=hint, id="luojiang.W019")
