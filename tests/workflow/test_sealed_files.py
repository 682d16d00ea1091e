"""Files lie sealed: nothing on the disk reads as it was, and what was changed, moved, cut off or renamed does not open."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

import pytest

from states.errors import Conflict, NotReady
from tests.factories import SEALER, vault_of
from workflow import files, parts
from workflow.files import Vault
from workflow.sealing.ciphers import SUITES, Broken
from workflow.sealing.masters import Master, Masters
from workflow.sealing.sealer import Sealer
from workflow.sealing.streams import CHUNK, HEAD_BYTES, SealedWriter, reading, scrambled

NOW = datetime(2026, 3, 2, tzinfo=UTC)
BIRD = "金丝雀".encode() * 200
LIMIT = 10 * CHUNK


def masters_of(suite: str) -> Masters:
    """A master key of the suite, alone."""
    master = Master(f"of-{suite}", suite, "2026", os.urandom(SUITES[suite].key_bytes))
    return Masters(master, MappingProxyType({master.id: master}), bytes(32))


def sealed(path: Path, data: bytes, masters: Masters) -> Path:
    with path.open("wb") as out:
        writer = SealedWriter(out, masters)
        for at in range(0, len(data), 1000):
            writer.write(data[at : at + 1000])
        writer.end()
    return path


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 17])
def test_a_file_is_what_it_was_read_from_any_place(tmp_path: Path, suite: str, size: int) -> None:
    data, masters = os.urandom(size), masters_of(suite)
    with sealed(tmp_path / "file", data, masters).open("rb") as opened:
        plain = reading(opened, masters)
        assert plain.read() == data
        for at in (0, size // 2, max(size - 1, 0), size, size + 5):
            plain.seek(at)
            assert plain.read(10) == data[at : at + 10]
        assert plain.seek(0, io.SEEK_END) == size


def _flip(data: bytearray) -> None:
    data[HEAD_BYTES + 5] ^= 1


def _cut(data: bytearray) -> None:
    del data[-CHUNK:]


def _cut_a_chunk(data: bytearray) -> None:
    del data[HEAD_BYTES + 2 * (CHUNK + 16) :]


def _swap(data: bytearray) -> None:
    first, second = HEAD_BYTES, HEAD_BYTES + CHUNK + 16
    data[first : first + CHUNK + 16], data[second : second + CHUNK + 16] = (
        data[second : second + CHUNK + 16],
        data[first : first + CHUNK + 16],
    )


def _other_key(data: bytearray) -> None:
    at = data.index(b'"wrapped"')
    data[at + 60] ^= 3


def _no_head(data: bytearray) -> None:
    data[30:200] = b" " * 170


@pytest.mark.parametrize("change", [_flip, _cut, _cut_a_chunk, _swap, _other_key, _no_head])
def test_what_was_changed_moved_or_cut_off_does_not_open(tmp_path: Path, change: Callable[[bytearray], None]) -> None:
    masters = masters_of("aes-256-gcm")
    path = sealed(tmp_path / "file", os.urandom(3 * CHUNK), masters)
    data = bytearray(path.read_bytes())
    change(data)
    path.write_bytes(data)
    with path.open("rb") as opened, pytest.raises(Broken):
        reading(opened, masters).read()


def test_no_byte_of_a_file_lies_on_the_disk_as_it_was_while_it_comes_or_after(tmp_path: Path) -> None:
    seen: list[bytes] = []

    class Watched(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            seen.extend(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
            return super().read(min(size or -1, 500) if size and size > 0 else 500)

    received = files.receive(vault_of(tmp_path), name="证据.txt", stream=Watched(BIRD), limit=LIMIT)
    seen += [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert len(seen) > 3 and all("金丝雀".encode() not in data for data in seen)
    with files.open_file(vault_of(tmp_path), {"digest": received.digest}) as opened:
        assert opened.read() == BIRD


def test_a_file_put_in_the_place_of_another_does_not_open_there(tmp_path: Path) -> None:
    vault = vault_of(tmp_path)
    one, two = (files.receive(vault, name="a", stream=io.BytesIO(data), limit=LIMIT) for data in (b"one", b"two"))
    there = files.path_of(tmp_path, two.digest)
    there.chmod(0o600)
    there.write_bytes(files.path_of(tmp_path, one.digest).read_bytes())
    with pytest.raises(Conflict, match="file_damaged"), files.open_file(vault, {"digest": two.digest}):
        pass


def test_without_keys_no_file_is_kept_and_none_is_opened(tmp_path: Path) -> None:
    received = files.receive(vault_of(tmp_path), name="a", stream=io.BytesIO(b"one"), limit=LIMIT)
    bare = Vault(tmp_path, None)
    with pytest.raises(NotReady):
        files.receive(bare, name="a", stream=io.BytesIO(b"two"), limit=LIMIT)
    with pytest.raises(NotReady), files.open_file(bare, {"digest": received.digest}):
        pass
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [received.digest]


def test_parts_lie_scrambled_and_are_the_file_when_all_have_come(tmp_path: Path) -> None:
    vault, half = vault_of(tmp_path), len(BIRD) // 2 + 7
    upload = parts.begin(vault, person_id=1, case_id=1, name="a.txt", size=len(BIRD), limit=LIMIT, now=NOW)
    parts.add(vault, upload, offset=0, data=BIRD[:half])
    parts.add(vault, upload, offset=half, data=BIRD[half:])
    assert all("金丝雀".encode() not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    received = parts.take_in(vault, upload, limit=LIMIT)
    with files.open_file(vault, {"digest": received.digest}) as opened:
        assert opened.read() == BIRD


@pytest.mark.parametrize("suite", SUITES)
def test_a_scrambled_stream_is_written_and_read_at_any_place(tmp_path: Path, suite: str) -> None:
    key, data = os.urandom(SUITES[suite].key_bytes), os.urandom(1000)
    with (tmp_path / "raw").open("w+b") as raw:
        stream: BinaryIO = scrambled(raw, key, suite)
        stream.write(data[:333])
        stream.write(data[333:])
        for at in (0, 1, 15, 16, 17, 500, 999):
            stream.seek(at)
            assert stream.read(20) == data[at : at + 20]
        stream.seek(100)
        stream.write(b"x" * 50)
        stream.seek(0)
        assert stream.read() == data[:100] + b"x" * 50 + data[150:]


def test_what_lay_plain_is_sealed_and_what_an_old_key_wrapped_is_wrapped_by_the_new(tmp_path: Path) -> None:
    vault = vault_of(tmp_path)
    received = [files.receive(vault, name="a", stream=io.BytesIO(data), limit=LIMIT) for data in (b"one", BIRD)]
    plain = files.path_of(tmp_path, received[1].digest)
    plain.chmod(0o600)
    plain.write_bytes(BIRD)
    with files.open_file(vault, {"digest": received[1].digest}) as opened:
        assert opened.read() == BIRD
    assert files.keep_sealed(vault) == (1, 0)
    assert files.keep_sealed(vault) == (0, 0) and "金丝雀".encode() not in plain.read_bytes()
    old, new = SEALER.masters, masters_of("sm4-gcm").current
    both = Vault(tmp_path, Sealer(lambda: Masters(new, {**old.by_id, new.id: new}, old.blinding)))
    assert files.masters_of_files(both) == {old.current.id: 2}
    assert files.keep_sealed(both) == (0, 2)
    assert files.masters_of_files(both) == {new.id: 2}
    alone = Vault(tmp_path, Sealer(lambda: Masters(new, {new.id: new}, old.blinding)))
    for one, data in zip(received, (b"one", BIRD), strict=True):
        with files.open_file(alone, {"digest": one.digest}) as opened:
            assert opened.read() == data
