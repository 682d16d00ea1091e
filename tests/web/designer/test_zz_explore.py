import io, time, tracemalloc, pytest
from tests.web.site import post, words_of
from tests.web.designer.conftest import *
from tests.web.conftest import *
LAUGHS = "a: &a [" + ", ".join(["lol"]*9) + "]\n" + "".join(f"{chr(98+i)}: &{chr(98+i)} [" + ", ".join([f"*{chr(97+i)}"]*9) + "]\n" for i in range(8))
H = {
 "laughs": LAUGHS, "flow laughs": "{a: &a {b: 1}, <<: *a}",
 "tag py": "key: !!python/object/apply:os.system ['true']\n", "tag bin": "key: !!binary aGk=\n", "tag set": "key: !!set {a, b}\n", "local tag":"key: !x y\n", "percent":"%TAG ! tag:x,2000:\n---\nkey: a\n",
 "deep": "key: " + "[" * 25 + "]" * 25, "very deep": "[" * 200_000, "deep block": "".join(" "*i + "a:\n" for i in range(2000)), "deep map": "{a: "*100_000,
 "10MB": "key: visit\ntitle: " + "a" * 10_000_000, "1.2MB cn": "key: visit\ntitle: " + "长" * 400_000, "800k": "key: visit\ntitle: "+"a"*800_000,
 "dup": "key: visit\nkey: other\n", "control": "key: visit\ntitle: a\x07b\n", "nul": "key: visit\ntitle: a\x00b\n", "nul quoted": 'key: visit\ntitle: "a\\0b"\n', "esc quoted": 'key: visit\ntitle: "a\\e[31mb"\n', "surrogate quoted": 'key: visit\ntitle: "\\ud800"\n', "bom mid": "key: visit\ntitle: a\ufeffb\n",
 "rtl": "key: visit\ntitle: a\u202eb\n",
 "scalar": "hello", "list": "- a\n- b\n", "number": "9"*100_000, "merge": "key: visit\n<<: {a: 1}\n", "odd key": "? [a, b]\n: c\n", "two": "key: visit\n---\nkey: other\n", "many keys": "key: visit\n" + "".join(f"k{i}: 1\n" for i in range(50_000)),
 "empty": "", "blank":"\n\n",
}
B = {"latin": b"key: visit\ntitle: \xff\xfe\xfa\n", "utf16": "key: visit\n".encode("utf-16"), "utf7": b"\xf8\xf8\xf8", "gb": "key: visit\ntitle: 走访\n".encode("gb18030"), "nul":b"\x00"*100, "png": b"\x89PNG\r\n\x1a\n"+b"\x00"*500, "10MB": b"a"*10_000_000, "empty": b""}
def said(answer):
    w = words_of(answer.text)
    import re
    m = re.search(r"(文本里有[^ ]{,80}|读不通[^ ]{,60}|编码[^ ]{,60}|太大[^ ]{,60}|没有保存[^ ]{,60}|.{,20}UTF.{,60})", w[:20000])
    return m[0][:80] if m else w[:160].replace("\n"," ")
def test_x(new, administrator):
    desk = new()
    for n, t in [(k, v) for k, v in list(H.items())[13:]]:
        c=time.process_time(); 
        try:
            a = desk.send("text", source=t); r=(a.status_code, said(a) if a.status_code>=400 else "")
            if a.status_code==303:
                p=desk.client.get(f"/designer/{desk.draft_id}"); r+=(p.status_code, said(p))
        except Exception as e: r=repr(e)[:200]
        print("BOX", n, r, f"{time.process_time()-c:.2f}", desk.row["proven"]!="" and desk.row["proven"]==desk.row["digest"], desk.row["revision"])
    for n, t in {**{k:v.encode("utf-8","surrogatepass") for k,v in H.items()}, **B}.items():
        c=time.process_time()
        try:
            a = post(administrator, "/designer", "/designer/new", {"how":"file","file":(io.BytesIO(t),"走访.yaml")}); r=(a.status_code, said(a))
        except Exception as e: r=repr(e)[:200]
        print("FILE", n, r, f"{time.process_time()-c:.2f}")
