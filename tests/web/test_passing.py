"""A large upload passes by the disk scrambled and comes out as it was."""

from __future__ import annotations

import io
import os
import zipfile

from flask import Flask, request
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from web.passing import IN_MEMORY, Arriving, passing_file

BIRD = "金丝雀".encode()


def test_a_large_upload_lies_nowhere_as_it_is_and_comes_out_whole() -> None:
    app, seen = Flask(__name__), []
    app.request_class = Arriving

    @app.post("/")
    def take() -> dict[str, bool]:
        stream = request.files["file"].stream
        lies = os.pread(stream._raw.fileno(), 1 << 22, 0)  # type: ignore[attr-defined]  # what lies on the disk is behind it
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


def test_a_package_made_for_one_answer_lies_nowhere_as_it_is() -> None:
    with passing_file() as made:
        with zipfile.ZipFile(made, "w") as packed:
            packed.writestr("证据.txt", BIRD * 100_000)
            packed.writestr("more", b"x")
        made.flush()
        lies = os.pread(made._raw.fileno(), 1 << 22, 0)  # type: ignore[attr-defined]  # what lies on the disk is behind it
        assert len(lies) > 100_000
        assert BIRD not in lies and not lies.startswith(b"PK")
        made.seek(0)
        with zipfile.ZipFile(made) as packed:
            assert packed.read("证据.txt") == BIRD * 100_000
