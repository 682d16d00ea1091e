"""The guide of each role: its first page, its tour of the first day, and the steps of its work with their pictures.

Words in “ ” are words that stand on a page: the browser tests look for each of them on the pages that the guide pictures. A
picture is named here and taken there (tests/browser/test_help.py), so that neither outlives the other.
"""

from __future__ import annotations

from web.help.administering import ADMINISTRATOR, DESIGNER
from web.help.shapes import NEXT_STEP, SEARCH, UNDO, Guide, Hint, Step
from web.language import mark
from workflow.types import Actor

SUPERVISOR = Guide(
    "supervisor",
    mark("巡察办督办员"),
    "ledger.ledger_page",
    (
        Hint(mark("上面一排数字都能点开：点“逾期”的数，就只剩逾期的行。"), "figures"),
        Hint(mark("中间是条件，可以叠加；常用的一套“存为视图”，下次一点就是。"), "filters"),
        NEXT_STEP,
    ),
    (
        Step(
            mark("早上先看数字"),
            (mark("“台账”上面一排是“在办”“逾期”“逾期在谁手里”“10天内到期”。每个数都能点开，点开的行数就是这个数。"),),
            "figures",
        ),
        Step(
            mark("看各乡镇"),
            (mark("“总览”里一个乡镇一行：“在办”“逾期”“按期率”，还有近几周的进出和在办多久。数字和图上的每一块都能点开。"),),
            "townships",
        ),
        Step(
            mark("找到要看的行"),
            (mark("“乡镇”“状态”“由谁办”“期限”可以叠加，其余在“更多条件”里。“截至”选一个过去的日子，看台账那一天的样子。"),),
            "filters",
        ),
        Step(
            mark("登记和交办"),
            (
                mark("点“登记整改事项”，照反馈意见填。登记后打开事项，点“交办”，选整改单位。"),
                mark("期限从交办之日起自动计算，不签收也算；签收另有自己的时限。"),
            ),
        ),
        Step(
            mark("期限为什么是这一天"),
            (mark("打开事项，期限下面点“为什么是”那一天，逐日写着从哪天起算、哪些天不算、用的是哪一版日历。"),),
            "clock",
        ),
        Step(
            mark("催办"),
            (mark("行尾点“催办”，系统记下第几次，并给一句不含内容的话，可以复制到别处发。勾选几行，可以一起催。"),),
        ),
        Step(
            mark("为什么没有这个按钮"),
            (mark("现在不能办的，页面右侧写着“为什么不能”，打开就列出还差什么。登记、承办、核实过的人不能销号。"),),
            "why-not",
        ),
        Step(
            mark("销号"),
            (
                mark(
                    "看过佐证，点“销号”，填会议编号和办结依据；只有真正完成的计入销号率。同一次会的几十项，勾选后一起办，一项一个结果。"
                ),
            ),
        ),
        Step(
            mark("约谈自己升上来"),
            (mark("逾期到了台阶，系统拟好约谈：谁约谁、议哪几项。由领导责成或者免予，三个工作日内要有结果。到“约谈”里看。"),),
            "talk",
        ),
        UNDO,
        SEARCH,
    ),
)

LEADER = Guide(
    "leader",
    mark("领导小组"),
    "inbox.inbox_page",
    (
        Hint(mark("要领导小组约谈的单独列着：约谈谁、议几项、现在轮到谁。"), "talks"),
        Hint(mark("全县已交办的整改事项看“台账”和“总览”，数字都能点开。")),
        Hint(mark("逾期升到领导小组的，铃铛里有消息。")),
    ),
    (
        Step(
            mark("县级约谈"),
            (
                mark("“要办的约谈”列着要由领导小组约谈的单位。责成以后，由领导小组或者巡察办发通知、约谈、报记录。"),
                mark("“全部在办”打开“约谈”：几次待签批、几次已通知、几次逾期，每个数字都能点开。"),
            ),
        ),
        Step(
            mark("审批"),
            (mark("请领导小组审批的事，“待办”里写着谁提请、拟怎么办。同意、不同意都记在经过里，不同意要写理由。"),),
        ),
        Step(
            mark("台账里看得到什么"),
            (
                mark("“台账”和“总览”列着全县已经交办的整改事项，只看，不办；还没有交办的，交办以后才看得到。"),
                mark("问题线索只由交办机关和承办单位看，领导小组看的是要它约谈、请它审批的；要看别的，问巡察办。"),
            ),
        ),
    ),
)

COMMITTEE = Guide(
    "committee",
    mark("乡镇纪委和镇属单位"),
    "inbox.inbox_page",
    (
        Hint(mark("上面一栏一个数：待签收、已逾期、将逾期、待办、约谈（有约谈时才有），点哪栏就到哪栏。"), "bands"),
        NEXT_STEP,
        Hint(mark("不该由你们办的，打开事项点“退回”，写明理由。")),
    ),
    (
        Step(
            mark("打开就是要办的"),
            (mark("“待办”分四栏：“待签收”“已逾期”“将逾期”“待办”。最急的在最上面，每行最后是下一步。"),),
            "inbox",
        ),
        Step(
            mark("签收"),
            (mark("一件一件签，或者勾选后点“签收选中的”。期限从交办之日起算，晚签不会多出时间。"),),
        ),
        Step(
            mark("不该由我们办"),
            (mark("签收之前可以“退回”，写明理由，并经本单位负责人同意。退回两次以后，由巡察办指定承办，不再退回。"),),
        ),
        Step(
            mark("办和报"),
            (mark("办一步，填报一步，佐证随时传。办完点“报结”或“报整改完成”，期限就停下，等上面核验。"),),
        ),
        Step(
            mark("来不及"),
            (mark("到期之前打开事项申请延期，写明原因；由上面决定。原来的期限一直留着，考核看它。"),),
            "clock-of-a-village",
        ),
        Step(
            mark("为什么没有这个按钮"),
            (mark("现在不能办的，页面上写着“为什么不能”，打开就列出还差什么。"),),
        ),
        UNDO,
        SEARCH,
    ),
)

PARTY = Guide(
    "party",
    mark("乡镇党委"),
    "inbox.inbox_page",
    (
        Hint(mark("上面一栏一个数：待签收、已逾期、将逾期、待办、约谈（有约谈时才有），点哪栏就到哪栏。"), "bands"),
        Hint(mark("要办的约谈单独列着，打开就有议程和通知。"), "talks"),
        NEXT_STEP,
    ),
    (
        Step(
            mark("约谈"),
            (
                mark("“要办的约谈”列着谁、几项、应于哪天完成。打开约谈：议程已经排好，是这个村全部逾期事项，一次谈完。"),
                mark("先发通知，谈完录入记录：到场的人、每一项的新期限。村里按新期限办，原期限和逾期记录都保留。"),
            ),
            "talk-of-a-township",
        ),
        Step(
            mark("乡镇核实"),
            (mark("村里报了完成的，先到村里看，再点“乡镇核实”，写看到了什么。不属实的，退回重改。"),),
        ),
        Step(
            mark("哪些村落在后面"),
            (mark("“总览”和“台账”只列本乡镇的事项，按村分组，看逾期在谁手里。"),),
            "overview-of-a-township",
        ),
        UNDO,
        SEARCH,
    ),
)

VILLAGE = Guide(
    "village",
    mark("村（社区）党组织"),
    "village.first_item",
    (
        Hint(mark("最上面是这一项的期限；有几项的，左右箭头换一项。"), "item"),
        Hint(mark("做到哪一步就点哪一步，拍张照片，写一句话，点“保存进展”。"), "works"),
        Hint(mark("没有网络也不要紧，写的话存在这台设备上。")),
    ),
    (
        Step(
            mark("我的整改"),
            (
                mark(
                    "打开就是本村的事项，一屏一项，退回来的排在最前面。最上面写着我们自己要办什么、哪天到期，别人的期限另写一行。"
                ),
            ),
            "village",
        ),
        Step(
            mark("一条一条做"),
            (mark("每条措施点做到了哪一步，拍照或选文件，写一句进展，点“保存进展”。没有网络时写的话不会丢。"),),
            "village-work",
        ),
        Step(
            mark("报整改完成"),
            (mark("措施都做完、佐证齐了，点“报整改完成”。还差什么，页面上写着。报了以后等镇里和县里核验。"),),
        ),
        Step(
            mark("来不及"),
            (mark("到期之前在“我的整改”的“其他办理”里点“申请延期”，写明原因，由上面决定。"),),
        ),
        UNDO,
    ),
)

COUNTY = Guide(
    "county",
    mark("县直部门和县级承办单位"),
    "inbox.inbox_page",
    (
        Hint(mark("上面一栏一个数：待签收、已逾期、将逾期、待办、约谈（有约谈时才有），点哪栏就到哪栏。"), "bands"),
        NEXT_STEP,
        Hint(mark("这里只有交给本单位的；不该由你们办的，打开事项点“退回”，写明理由。")),
    ),
    (
        Step(
            mark("打开就是要办的"),
            (mark("“待办”里只有交给本单位的：“待签收”“已逾期”“将逾期”“待办”四栏，最急的在最上面，每行最后是下一步。"),),
            "inbox-of-a-department",
        ),
        Step(
            mark("签收还是退回"),
            (
                mark("打开看清要求再签收。期限从交办之日起算，晚签不会多出时间。"),
                mark("不属于本单位职责的，签收之前点“退回”，写明理由，并经本单位负责人同意；退回两次以后，由巡察办指定承办。"),
            ),
        ),
        Step(
            mark("单位里谁来办"),
            (mark("主要负责人、分管领导和承办人都看得到本单位的事项。谁办的记谁的名；办的人不能自己核实、自己销号。"),),
        ),
        Step(
            mark("几家一起办"),
            (mark("整改措施由你们牵头的，单独一行列在“待办”里，做到哪一步、佐证传在这一行上；整项由承办单位报整改完成。"),),
        ),
        Step(
            mark("来不及"),
            (mark("到期之前打开事项申请延期，写明原因；由上面决定。原来的期限一直留着，考核看它。"),),
        ),
        UNDO,
        SEARCH,
    ),
)

TEAM = Guide(
    "team",
    mark("县委巡察组"),
    "inbox.inbox_page",
    (
        Hint(mark("登记的线索看“台账”；移交以后办到哪一步、哪天到期，都在那一行上。")),
        Hint(mark("举报人的姓名和联系方式另外加密，不出现在台账、检索和打印里。")),
    ),
    (
        Step(
            mark("登记线索"),
            (
                mark("在“台账”里点“登记问题线索”。先填标题、涉及单位和反映的主要问题，其余的可以以后再补。"),
                mark(
                    "举报人的姓名、联系方式只填在“举报人姓名”“举报人联系方式”两栏：加密保存，页面上不再显示，登记人要看，每次写明理由。"
                ),
            ),
            "clue-registered",
        ),
        Step(
            mark("看办到哪一步"),
            (mark("“台账”里是本组登记的线索，每行写着由谁办、哪天到期、督促到了哪一步。点开看经过。"),),
            "ledger-of-a-team",
        ),
        Step(
            mark("补充情况"),
            (mark("移交以后还有话说，写在线索页的“讨论”里：写@和姓名，可以提醒承办的人。"),),
        ),
        UNDO,
        SEARCH,
    ),
)

SUPERVISORS = "inspection_office"

# By the kind of an organ, the one that sees most first; somebody who works in a village alone reads the village's.
OF_ORGANS: dict[str, Guide] = {
    SUPERVISORS: SUPERVISOR,
    "leading_group": LEADER,
    "inspection_team": TEAM,
    "township_party_committee": PARTY,
    **dict.fromkeys(("discipline_commission", "organisation_department", "county_department"), COUNTY),
    **dict.fromkeys(("township_discipline_committee", "township_unit"), COMMITTEE),
    "village_party_organisation": VILLAGE,
}
# By a role without a post.
OF_ROLES: dict[str, Guide] = {
    "workflow_admin": DESIGNER,
    **dict.fromkeys(("system_admin", "security_admin", "audit_admin"), ADMINISTRATOR),
}
GUIDES: dict[str, Guide] = {guide.key: guide for guide in (*OF_ORGANS.values(), *OF_ROLES.values())}


def guide_of(actor: Actor) -> Guide:
    """The guide of the work that somebody does; of several posts, the one that sees most."""
    kinds, roles = {grant.organ_kind for grant in actor.posts}, {grant.role for grant in actor.grants}
    found = [guide for kind, guide in OF_ORGANS.items() if kind in kinds] if kinds else []
    found += [guide for role, guide in OF_ROLES.items() if role in roles and not kinds]
    return found[0] if found else COMMITTEE
