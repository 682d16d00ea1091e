"""Why a backup is not made, read or restored, and what is wrong with the database's own rights, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping

from web.language import mark

BACKUP_WHY: Mapping[str, str] = {
    "no_recipient": mark("没有备份用的公钥，运行 duban backup key 造一把，写进设置（docs/backups.md）"),
    "backup_recipient": mark("“%(key)s”不是备份用的公钥"),
    "backup_identity": mark("“%(file)s”里没有备份用的私钥"),
    "backup_there": mark("“%(file)s”已有，过一秒再做"),
    "backup_not_for_key": mark("“%(file)s”用这把私钥打不开：不是给它的，或者不是备份文件"),
    "backup_changed": mark("“%(file)s”残缺或被改动过，不能用，换一份备份"),
    "backup_no_note": mark("“%(file)s”旁边没有说明文件，或者说明文件坏了"),
    "backup_note": mark("“%(file)s”的说明不是这个单位签名的"),
    "backup_newer": mark("这份备份是更新的程序做的（%(revision)s），先更新程序"),
    "backup_engine": mark("这是%(engine)s的备份，只能恢复成同一种数据库"),
    "not_empty": mark("“%(place)s”已有内容，只往空的地方恢复"),
    "no_backup_folder": mark("没有设置存放备份的文件夹（docs/backups.md）"),
    "no_drill_place": mark("没有设置演练的地方和私钥（docs/backups.md）"),
    "no_standing_list": mark("备份旁边没有人员名单（standing.json），用--standing指明；确实没有的，加--without-standing"),
    "standing_list": mark("“%(file)s”不是这个单位签名的人员名单"),
    "standing_list_old": mark("人员名单太旧：库外存有更新的名单或检查点，用最新的一份（--standing）"),
    "restore_broken_off": mark("上次恢复没有做完，这里的数据不能用，重新运行 duban backup restore"),
    "no_program": mark("找不到%(program)s，装上PostgreSQL的程序，或者在设置里指明它的文件夹"),
    "role_name": mark("“%(role)s”不能做数据库的角色名，只用小写字母、数字和下划线"),
    "roles_on_postgresql": mark("只有PostgreSQL有角色"),
    "program_failed": mark("%(program)s没有做成：%(said)s"),
}
