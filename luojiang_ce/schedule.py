"""The whole schedule of the worker, in one place: `settings.SCHEDULE`."""

from typing import Any

from celery.schedules import crontab

DAYTIME = crontab(minute="*/30", hour="7-21")  # nobody is reminded at night
# Name: what it is for (both on the page 后台运行), the task, and when: every so many seconds, or at hours of the day
# (Asia/Shanghai). Every task may run twice or late.
SCHEDULE: dict[str, tuple[str, str, Any]] = {
    "办理没有领走的后台任务": (
        "导入、导出、生成文书等，后台程序中断而没有办完的，从头再办",
        "luojiang_ce.jobs.tasks.sweep_jobs",
        15,  # with the 40 seconds of a lease: within a minute
    ),
    "登记逾期": (
        "到期未报送的记为逾期，并告知单位；期限本身按日历推算，与此项是否运行无关",
        "units.lapses.tasks.record_lapses",
        600,
    ),
    "安排候补": (
        "预约时段有空位的，给候补最早的单位，并在限期内保留；没有按时确认的，让给下一个",
        "verification.counter.tasks.settle_waiting",
        600,
    ),
    "登记视同放弃": (
        "到期未报送、或集中验证结束仍未到柜台的人员，除经批准长期外出或病假的，登记为视同放弃；获准延期的随即恢复",
        "verification.batches.tasks.record_given_up",
        3600,
    ),
    "处理逾期未补的材料": (
        "柜台要求补交材料而到期未补的，告知单位和柜台一次；本局设定了处理期限的，到期登记为不通过",
        "verification.batches.tasks.settle_supplements",
        3600,
    ),
    "告知盖章后被冲销的学时": (
        "学时在文书盖章后被冲销的，告知单位并请审批人复核；复核前核验页显示“复核中”",
        "verification.batches.tasks.tell_of_second_looks",
        600,
    ),
    "告知证明出具后的变动": (
        "继续教育情况证明出具后学时被冲销、年度验证单被撤销的，告知单位并请审批人复核；复核前核验页显示“复核中”",
        "verification.record.tasks.tell_of_second_looks",
        600,
    ),
    "催问逾期没有传达的通知": (
        "过了传达期限还没有读或没有传达的单位，过后第 1、5、10、20 个工作日再提醒，并告知发件单位",
        "units.circulars.tasks.chase",
        DAYTIME,
    ),
    "提醒快到期的事": (
        "期限临近时提醒单位和本局，每人每天一条；当天没有发出的不再补发",
        "units.lapses.tasks.remind",
        DAYTIME,
    ),
    "提醒报名不足的培训班": (
        "开班前三个工作日起，报名少于最低人数的，告知施教机构和本局一次；是否取消由施教机构决定",
        "training.classes.tasks.remind_of_minimum",
        DAYTIME,
    ),
    "登记本局超期未答复": (
        "过了答复期限仍没有告知单位的，登记为视为受理，并告知单位",
        "units.lapses.tasks.deem_received",
        600,
    ),
    "封存操作记录": (
        "把新的操作记录接入防篡改的链，使改动、删除、插入都能查出",
        "luojiang_ce.workflow.tasks.seal_events",
        60,
    ),
    "公布操作记录的链头": (
        "把当天的链头发给审计管理员，并随树根送会签；此前的操作记录如被改写，与外面保存的链头就对不上",
        "units.tasks.mail_log_head",
        crontab(hour="5", minute="40"),
    ),
    "收录文书和学时": (
        "把新签发、新撤销的文书和新的学时记录接入公布的树，供收录证明使用",
        "luojiang_ce.proof.tasks.seal_leaves",
        600,
    ),
    "公布树根": (
        "公布当天的树根，供业务主管部门、纪检会签；改写文书的文件、签名声明或一条学时，树根就对不上",
        "luojiang_ce.proof.tasks.publish_head",
        crontab(hour="5", minute="50"),
    ),
    "发送消息": (
        "发出等待中的邮件和群消息；没有发出的隔一段时间再试",
        "luojiang_ce.notices.tasks.send_waiting",
        60,
    ),
    "计算达标情况": (
        "人多的单位和全区，每夜重新计算各人的达标情况，供“还差多少”计数、筛选",
        "verification.shortfalls.tasks.count_standings",
        crontab(hour="2", minute="10"),
    ),
    "清理到期的导入文件": (
        "删除过了保存期的导入原始文件和预览",
        "luojiang_ce.sheets.tasks.purge_imports",
        3600,
    ),
    "清理到期的导出文件": (
        "删除过了保存期的导出文件",
        "luojiang_ce.sheets.tasks.purge_exports",
        3600,
    ),
    "清理到期的打印文件": (
        "删除过了保存期、在后台生成的打印文件",
        "luojiang_ce.papers.tasks.purge_printouts",
        3600,
    ),
    "提醒签名证书到期": (
        "印章的签名证书快到期、已到期或打不开的，告知系统管理员；到期的当场拒签",
        "units.tasks.tell_of_certificates",
        crontab(hour="8", minute="5"),
    ),
    "关闭过期未确认的管理员事项": (
        "须由另一位管理员确认的事项，过了期限没有确认的，登记为过期，并告知各管理员；由申请人重新提出",
        "units.tasks.expire_officer_requests",
        600,
    ),
    "签发等候时间戳的文书": (
        "时间戳服务器没有应答时等候的文书，每 10 分钟再试；只在设定了必须有时间戳时才会等候",
        "luojiang_ce.papers.tasks.resume_waiting",
        600,
    ),
    "清理到期的签到表照片": (
        "删除过了保存期、没有确认的签到表照片",
        "training.attendance.photographs.tasks.purge_photographs",
        3600,
    ),
    "清理扫码签到的填错次数": (
        "删除已结束的培训班里姓名、证件号码填错的次数；在班期间用来防止冒签",
        "training.attendance.phone.tasks.purge_misses",
        3600,
    ),
    "转送过期未答复的异议": (
        "本人对学时记录的异议，单位过了期限没有答复的，转本局经办，并告知单位；期限未设定的不转",
        "verification.own_record.tasks.pass_on",
        3600,
    ),
    "清理到期的本人查阅条": (
        "删除过了保存期、在后台生成的查阅条文件，和前几天填错的次数；次数用来防止猜号",
        "verification.own_record.tasks.purge",
        3600,
    ),
    "清理到期的材料压缩包": (
        "删除过了保存期、在后台生成的材料和文书压缩包",
        "verification.batches.tasks.purge_zips",
        3600,
    ),
    "清理没有整理的佐证材料": (
        "批量上传的佐证材料，后台多次未能整理而停止的，满一天后删除",
        "verification.declarations.tasks.purge_uploads",
        3600,
    ),
    "识别材料": (
        "新上传的图片、扫描件和票证号码，供审核时提示与其他业务相同或几乎相同的材料",
        "luojiang_ce.files.tasks.fingerprint",
        60,
    ),
    "清理已删除草稿的材料": (
        "草稿删除满 7 天、不能再恢复的，清除随附的文件，并记入操作记录",
        "luojiang_ce.files.tasks.purge_deleted",
        3600,
    ),
    "清理中断的上传": (
        "删除上传、重新加密中途断电或被终止而留下的临时文件",
        "luojiang_ce.files.tasks.sweep_spool",
        3600,
    ),
    "备份": (
        "每夜备份数据库和文件到 BACKUP_DIR，并清理过期的备份；没有设定 BACKUP_DIR 的不备份",
        "luojiang_ce.backup.tasks.back_up",
        crontab(hour="1", minute="20"),
    ),
    "恢复演练": (
        "每周把最近一份备份恢复到临时的地方，核对行数、文件、操作记录链和文书树，再删除",
        "luojiang_ce.backup.tasks.rehearse",
        crontab(hour="3", minute="20", day_of_week="sun"),
    ),
    "转出较早的操作记录": (
        "登录、导出、下载、查看等不改变业务的记录，过了保存期限的，转成签名文件存到 AUDIT_PARTS_DIR；没有设定的不转",
        "luojiang_ce.workflow.tasks.move_out_older",
        crontab(hour="2", minute="40"),
    ),
    "检查运行状况": (
        "磁盘、消息队列、备份、迁移、工作日历、证书有问题的，告知系统管理员，每天每项一次",
        "luojiang_ce.health.tasks.watch",
        600,
    ),
    "清理过期的登录记录": (
        "删除过期的会话、不再计数的登录失败，和结束满 90 天的登录记录",
        "luojiang_ce.authentication.tasks.purge",
        3600,
    ),
    "清理已办成的提交": (
        "删除满一天的提交标记；标记用来使重复点击、重复提交的表单只办一次，不含填写的内容",
        "luojiang_ce.home.tasks.purge_sent",
        3600,
    ),
    "清理到期的运行记录": (
        "删除过了保存期的运行记录，和结束满 180 天的后台任务",
        "luojiang_ce.jobs.tasks.purge_runs",
        3600,
    ),
}
