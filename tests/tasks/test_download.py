"""Downloads from a real server on this machine."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from autoal.errors import AutoALWarning, DataNotFoundError, InputError
from autoal.tasks.download import RemoteFile, data_directory, download, find, warn_if_altered

CONTENT = b"digits" * 1000
MD5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        if not self.path.endswith("cut.bin"):
            return super().do_GET()
        self.send_response(200)
        self.send_header("Content-Length", str(2 * len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT)  # and no more: the connection is closed


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "served").mkdir()
    (tmp_path / "served" / "data.bin").write_bytes(CONTENT)
    http = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "served")))
    thread = threading.Thread(target=http.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{http.server_port}"
    http.shutdown()
    thread.join()
    http.server_close()


def test_a_download_appears_whole_under_its_name(server: str, tmp_path: Path) -> None:
    file = RemoteFile("data.bin", f"{server}/data.bin", MD5, "ask the publisher")
    path = download(file, tmp_path / "here", [tmp_path / "here"])
    assert path.read_bytes() == CONTENT
    assert [p.name for p in (tmp_path / "here").iterdir()] == ["data.bin"]


def test_other_bytes_are_refused_and_leave_nothing(server: str, tmp_path: Path) -> None:
    file = RemoteFile("data.bin", f"{server}/data.bin", "0" * 32, "ask the publisher")
    with pytest.raises(InputError, match=f"md5 {'0' * 32}; got {MD5}.*ask the publisher"):
        download(file, tmp_path / "here", [tmp_path])
    assert list((tmp_path / "here").iterdir()) == []


@pytest.mark.parametrize("checksum", ["", MD5])
def test_a_download_that_is_cut_short_is_no_file(server: str, tmp_path: Path, checksum: str) -> None:
    file = RemoteFile("cut.bin", f"{server}/cut.bin", checksum, "ask the publisher")
    with pytest.raises(DataNotFoundError, match=r"\(6000 of 12000 bytes came\).*ask the publisher"):
        download(file, tmp_path / "here", [tmp_path])
    assert list((tmp_path / "here").iterdir()) == []


def test_a_missing_file_or_server_says_where_it_was_looked_for_and_how_to_get_it(server: str, tmp_path: Path) -> None:
    for url in (f"{server}/nothing.bin", "http://127.0.0.1:9/data.bin"):
        file = RemoteFile("data.bin", url, MD5, "ask the publisher")
        with pytest.raises(DataNotFoundError, match="could not be downloaded") as caught:
            download(file, tmp_path / "here", [tmp_path / "a", tmp_path / "b"], timeout=5)
        assert all(part in str(caught.value) for part in ("data.bin in", str(tmp_path / "b"), "Try: ask the publisher"))
        assert list((tmp_path / "here").iterdir()) == []


def test_a_folder_that_cannot_be_made_is_reported_like_a_failed_download(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    file = RemoteFile("data.bin", "http://127.0.0.1:9/data.bin", MD5, "ask the publisher")
    with pytest.raises(DataNotFoundError, match="ask the publisher"):
        download(file, tmp_path / "file" / "below", [tmp_path])


def test_the_data_directory_is_given_or_in_the_environment_or_in_the_cache(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("AUTOAL_DATA", raising=False)
    assert data_directory(None) == Path.home() / ".cache" / "autoal"
    monkeypatch.setenv("AUTOAL_DATA", str(tmp_path))
    assert data_directory(None) == tmp_path
    assert data_directory(tmp_path / "x") == tmp_path / "x"


def test_find_takes_the_first_name_in_the_first_folder(tmp_path: Path) -> None:
    for name in ("a/x", "b/x.gz", "b/x"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    folders = [tmp_path / "none", tmp_path / "b", tmp_path / "a"]
    assert find(["x.gz", "x"], folders) == tmp_path / "b" / "x.gz"
    assert find(["y"], folders) is None


def test_altered_files_are_named(tmp_path: Path) -> None:
    warn_if_altered([])
    with pytest.warns(AutoALWarning, match=r"not the publisher's bytes: x, y in"):
        warn_if_altered([tmp_path / "x", tmp_path / "y"])
