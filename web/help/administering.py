"""The guides of those who administer and see no case."""

from __future__ import annotations

from web.help.shapes import Guide, Hint, Step
from web.language import mark

DESIGNER = Guide(
    "designer",
    mark("流程管理员"),
    "versions.versions_page",
    (
        Hint(mark("“流程版本”里看每一类现行的版本；“流程设计”里起草；“配置”里改消息和文书。")),
        Hint(mark("一人提出，另一人同意后才生效；你看到的只有件数，没有事项。")),
    ),
    (
        Step(
            mark("现在执行的是哪一版"),
            (
                mark(
                    "“流程版本”里一类一块：现行第几版、哪天起、谁提出、谁决定，各个状态在办几项。历次版本都留着，可以下载、比较。"
                ),
            ),
            "versions",
        ),
        Step(
            mark("起草"),
            (mark("“流程设计”里点“新建草稿”，从现行的一类、范例或者一份文本写起。草稿改多少次都不影响正在办的。"),),
            "drafts",
        ),
        Step(
            mark("画状态和操作"),
            (mark("在图上加状态、连操作，右边填每一步要填的问题、由谁办、多少天。“检查”里列着还有哪里不对，点一下就到那里。"),),
            "design",
        ),
        Step(
            mark("试算"),
            (
                mark(
                    "检查通过后“试算”：在办的每一项按新版本会变成什么、期限提前还是推后、多少人被督促，全部算给你看，台账不动。"
                ),
            ),
            "trial",
        ),
        Step(
            mark("提出和决定"),
            (mark("写明理由，提出发布。另一位流程管理员看同样的影响，同意以后，从定下的那天起执行；不同意的写理由退回。"),),
            "proposal",
        ),
        Step(
            mark("改消息和文书"),
            (
                mark(
                    "“配置”里的“消息”“文书”“发文字号”不用改流程：先看改了是什么样子，再提出，由另一人同意。改回原来的，同样办理。"
                ),
            ),
            "settings",
        ),
        Step(
            mark("不用了和退回去"),
            (mark("一类不再登记新的，在“流程版本”里“提出停用”，在办的照旧办完。换版换错了，整批退回，也由两个人定。"),),
        ),
    ),
)

ADMINISTRATOR = Guide(
    "administrator",
    mark("管理员"),
    "admin.organisations_page",
    (
        Hint(mark("账号、授权、审计由三个人分管；管理员都看不到事项内容。")),
        Hint(mark("每年的放假和调休在“日历”里补，期限跟着重算。")),
        Hint(mark("督促程序停没停，看“运行状况”。")),
    ),
    (
        Step(
            mark("账号和岗位"),
            (mark("系统管理员在“用户”里开账号、发口令；安全管理员在“授权”里给岗位和知悉级别。两件事分给两个人做。"),),
            "people",
        ),
        Step(
            mark("组织机构"),
            (mark("“组织”里维护乡镇、村和单位，顺序就是全县各处列表、表格和打印的顺序。合并、改名的单位，旧事项跟着走。"),),
        ),
        Step(
            mark("工作日历"),
            (mark("“日历”里看每年的放假和调休。没有公布的年份，期限标为暂定；补上以后自动重算。"),),
            "calendar",
        ),
        Step(
            mark("运行状况"),
            (mark("“运行状况”里看督促程序、消息投递和出错的台阶。督促程序停了，每一页上面都会说。"),),
            "health",
        ),
    ),
)
