"""What is said of keys, of what lies sealed and of digests where something is refused."""

from __future__ import annotations

from web.language import mark

KEY_WHY = {
    "no_key": mark("没有签名密钥，先运行 duban init；“%(purpose)s”一类可用 duban key new 另建"),
    "receipt_lost": mark("这一步当时签过回执，存下的不见了。不再补签，告诉系统管理员核查"),
    "receipt_waiting": mark("这一步的回执还没有签名，补签以后才能取；一直取不到，告诉系统管理员核查"),
    "no_sealing_key": mark("缺少密封用的密钥，保密内容现在不能存也不能看，告诉系统管理员"),
    "key_unknown": mark("没有“%(id)s”这把密钥"),
    "key_in_use": mark("密钥“%(id)s”还在用（封着%(cases)s把），先运行 duban seal rewrap"),
    "shares": mark("份数不对：至少2份可复原，最多分16份"),
    "share_unreadable": mark("有一份密钥抄错了，或者不是同一把密钥的"),
    "share_twice": mark("有一份密钥用了两次"),
    "shares_too_few": mark("密钥份数不够，要%(needed)s份"),
    "sealed_broken": mark("密封的内容打不开：它被改动过，或者不是用这里的密钥密封的。已经记下，告诉系统管理员核查"),
    "no_sm3": mark("这里有用SM3做的摘要，本机的OpenSSL不提供SM3，核对不了，告诉系统管理员"),
    "suite": mark("没有这种密码算法，可用的有%(known)s"),
    "key_there": mark("“%(purpose)s”已有密钥，更换用 duban key rotate"),
    "key_purpose": mark("没有“%(purpose)s”这种用途，可用的有%(purposes)s"),
    "key_twice": mark("“%(purpose)s”有两把密钥，只留一把"),
    "key_unreadable": mark("“%(file)s”不是完好的密钥文件"),
    "key_weak": mark("“%(file)s”不是随机生成的密钥，换一把再启动"),
    "key_shared": mark("不同用途用了同一把密钥，换一把再启动"),
}
