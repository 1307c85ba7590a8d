"""Sealed files: nothing in the clear, any place is read, and what is not whole is refused."""

import os

import pytest

from app.core import sealed
from app.core.errors import DomainError
from app.core.keyring import Keyring
from app.core.sealed import BLOCK

LINE = b'["13800138000","\xe6\xb5\xb7\xe6\xb7\x80\xe8\xb7\xaf 5 \xe5\x8f\xb7"]\n'


@pytest.fixture
def keys(monkeypatch):
    """Give the module a keyring of these secrets."""

    def load(*secrets: str) -> None:
        ring = Keyring()
        ring.load(secrets)
        monkeypatch.setattr(sealed, "KEYRING", ring)

    load("first" * 10)
    return load


@pytest.mark.parametrize("length", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 3 * BLOCK + 7])
def test_it_reads_back_from_any_place(tmp_path, keys, length):
    path = tmp_path / "x"
    content = os.urandom(length)
    with sealed.sealing(path) as file:
        for at in range(0, length, 1000):
            assert file.tell() == at
            file.write(content[at : at + 1000])
    assert (sealed.content(path), sealed.size(path)) == (content, length)
    with sealed.unsealed(path) as file:
        for at in {0, length // 3, max(0, length - 5), length, length + 9}:
            file.seek(at)
            assert file.read(BLOCK + 3) == content[at : at + BLOCK + 3]


def test_lines_are_lines_and_nothing_is_in_the_clear(tmp_path, keys):
    path = tmp_path / "folder" / "inner" / "x"
    sealed.make_folder(path.parent)
    with sealed.sealing(path) as file:
        file.writelines([LINE] * 5_000)
        file.take(lambda place: place.write_bytes(LINE * 3))
    with sealed.unsealed(path) as file:
        assert list(file) == [LINE] * 5_003
    assert LINE[2:13] not in path.read_bytes()
    modes = [one.stat().st_mode & 0o777 for one in (path, path.parent, path.parent.parent)]
    assert modes == [0o600, 0o700, 0o700]
    assert [one.name for one in path.parent.iterdir()] == ["x"]


@pytest.mark.parametrize("left", [0, 10, 300, -1, -16, -7 - 16, BLOCK + 16 + 300])
def test_what_was_cut_off_is_refused(tmp_path, keys, left):
    path = tmp_path / "x"
    sealed.seal(path, bytes(2 * BLOCK + 7))
    whole = path.read_bytes()
    path.write_bytes(whole[:left])
    with pytest.raises(DomainError, match="damaged"):
        sealed.unsealed(path)


def test_what_was_changed_moved_or_doubled_is_refused(tmp_path, keys):
    path = tmp_path / "x"
    sealed.seal(path, bytes(3 * BLOCK))
    whole = path.read_bytes()
    begin = len(whole) - 3 * (BLOCK + 16)
    first, second, last = (whole[begin + n * (BLOCK + 16) : begin + (n + 1) * (BLOCK + 16)] for n in range(3))
    head = whole[:begin]
    for forged in (
        head + second + first + last, head + first + last, head + first + second, whole + last,
        head + bytes([first[0] ^ 1]) + first[1:] + second + last, b"x" + whole[1:], head,
    ):  # fmt: skip
        path.write_bytes(forged)
        with pytest.raises(DomainError, match="damaged"):
            sealed.content(path)
    path.write_bytes(LINE)
    with pytest.raises(DomainError, match="damaged"):
        sealed.content(path)


def test_a_file_of_a_former_key_is_read_and_of_a_strange_one_is_not(tmp_path, keys):
    path = tmp_path / "x"
    sealed.seal(path, LINE)
    keys("second" * 10, "first" * 10)
    assert sealed.content(path) == LINE
    keys("second" * 10)
    with pytest.raises(DomainError, match="damaged"):
        sealed.content(path)


def test_what_fails_half_way_leaves_what_was_there(tmp_path, keys):
    path = tmp_path / "x"
    sealed.seal(path, b"before")
    with pytest.raises(RuntimeError), sealed.sealing(path) as file:
        file.write(bytes(BLOCK * 2))
        raise RuntimeError
    assert sealed.content(path) == b"before"
    assert [one.name for one in tmp_path.iterdir()] == ["x"]


@pytest.mark.parametrize("shown", [True, False])
def test_a_file_in_the_clear_has_no_name(tmp_path, monkeypatch, shown):
    if not shown:
        monkeypatch.setattr(sealed, "_OPEN_FILES", tmp_path / "none")
    with sealed.unnamed(tmp_path) as path:
        path.write_bytes(LINE)
        assert path.read_bytes() == LINE
        assert path.is_file()
        assert [one.stat().st_mode & 0o777 for one in tmp_path.iterdir()] == ([] if shown else [0o600])
    assert list(tmp_path.iterdir()) == []
