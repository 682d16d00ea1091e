"""A large upload passes by the disk scrambled and comes out as it was."""

from __future__ import annotations

import io
import os

from flask import Flask, request
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from web.arriving import IN_MEMORY, Arriving

BIRD = "金丝雀".encode()


def test_a_large_upload_lies_nowhere_as_it_is_and_comes_out_whole() -> None:
    app, seen = Flask(__name__), []
    app.request_class = Arriving

    @app.post("/")
    def take() -> dict[str, bool]:
        stream = request.files["file"].stream
        lies = os.pread(stream._raw.fileno(), 1 << 22, 0)  # type: ignore[attr-defined]
        seen.append((lies, stream.read()))
        return {"ok": True}

    data = BIRD * (IN_MEMORY // len(BIRD) * 3)
    boundary, body = encode_multipart({"file": FileStorage(io.BytesIO(data), "a.txt"), "word": "x"})
    answer = app.test_client().post("/", data=body, content_type=f"multipart/form-data; boundary={boundary}")
    assert answer.status_code == 200
    lies, read = seen[0]
    assert read == data and BIRD not in lies and len(lies) == len(data)


def test_a_small_upload_does_not_touch_the_disk() -> None:
    app = Flask(__name__)
    app.request_class = Arriving
    with app.test_request_context("/", method="POST", data={"file": (io.BytesIO(BIRD), "a.txt")}):
        assert isinstance(request.files["file"].stream, io.BytesIO)
