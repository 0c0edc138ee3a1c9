"""A small installation with one fault each."""

import base64
import hashlib
import importlib.metadata
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.cli import verify_install as verb
from posture.verify_install import examine as examine_module
from posture.verify_install.closure import closure
from posture.verify_install.examine import Report, examine
from posture.verify_install.record import RecordError, check, keys, loose_files, rows

ROOT = Path(__file__).resolve().parents[2]


def digest(content: bytes, algorithm="sha256"):
    text = base64.urlsafe_b64encode(hashlib.new(algorithm, content).digest()).rstrip(b"=").decode()
    return f"{algorithm}={text}"


class Site:
    """A site-packages folder with one distribution, `thing`."""

    FILES = {"thing/__init__.py": b"x = 1\n", "thing/libavcodec-1.so.62": b"\x7fELF", "thing.py": b""}  # noqa: RUF012

    def __init__(self, folder):
        self.folder = folder
        self.install("thing", self.FILES)

    def install(self, name, files, requires=()):
        info = f"{name}-1.0.dist-info"
        needs = "".join(f"Requires-Dist: {line}\n" for line in requires)
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{needs}".encode()
        lines = []
        for path, content in {**files, f"{info}/METADATA": metadata}.items():
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / path).write_bytes(content)
            lines.append(f"{path},{digest(content)},{len(content)}")
        self.record = self.folder / info / "RECORD"
        self.record.write_text("\n".join([*lines, f"{info}/RECORD,,", ""]))

    def find(self, name):
        return next(importlib.metadata.Distribution.discover(name=name, path=[str(self.folder)]), None) or self._none()

    def _none(self):
        raise importlib.metadata.PackageNotFoundError

    def check(self, name="thing"):
        everything = importlib.metadata.Distribution.discover(path=[str(self.folder)])
        recorded = frozenset(path for each in everything for path in keys(each))
        return check(self.find(name), recorded, set())

    def loose(self):
        return loose_files(self.folder, frozenset(keys(self.find("thing"))))


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path)


def faults(checked):
    return checked.altered, checked.missing, checked.unrecorded, checked.problem


def test_a_sound_installation(site):
    checked = site.check()
    assert faults(checked) == ([], [], [], "")
    assert checked.ok
    assert (checked.name, checked.version, checked.files) == ("thing", "1.0", 5)
    assert [(each.name, each.state) for each in checked.libraries] == [("libavcodec-1.so.62", "as recorded")]
    assert checked.libraries[0].sha256 == hashlib.sha256(b"\x7fELF").hexdigest()
    assert site.loose() == []


def test_an_altered_file(site):
    (site.folder / "thing/__init__.py").write_bytes(b"x = 2\n")
    assert faults(site.check()) == (["thing/__init__.py"], [], [], "")


def test_an_altered_library_is_listed(site):
    (site.folder / "thing/libavcodec-1.so.62").write_bytes(b"\x7fELG")
    assert [(each.name, each.state) for each in site.check().libraries] == [("libavcodec-1.so.62", "altered")]


def test_a_missing_file(site):
    (site.folder / "thing/__init__.py").unlink()
    assert faults(site.check()) == ([], ["thing/__init__.py"], [], "")


@pytest.mark.parametrize("name", ["extra.py", "extra.so", "deeper/extra.py", "data.txt", "extra.pyc"])
def test_a_stray_file_beside_recorded_ones(site, name):
    path = site.folder / "thing" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"")
    assert faults(site.check()) == ([], [], [f"thing/{name}"], "")


def test_what_python_compiled_is_counted_and_no_more(site):
    for name in ("a.pyc", "b.pyc"):
        (site.folder / "thing/__pycache__").mkdir(exist_ok=True)
        (site.folder / "thing/__pycache__" / name).write_bytes(b"")
    assert site.check().compiled == 2
    assert site.check().ok
    (site.folder / "thing/__pycache__/c.py").write_bytes(b"")
    assert site.check().unrecorded == ["thing/__pycache__/c.py"]


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links")
def test_a_linked_folder_is_a_stray_file(site, tmp_path_factory):
    (site.folder / "thing" / "more").symlink_to(tmp_path_factory.mktemp("elsewhere"))
    assert site.check().unrecorded == ["thing/more"]


def test_a_file_of_another_distribution_in_the_same_folder_is_no_stray_one(site):
    site.install("other", {"thing/other.py": b""})
    assert site.check().ok


@pytest.mark.parametrize("name", ["sitecustomize.py", "extra.pth", "extra.so", "usercustomize"])
def test_a_loose_file_that_python_would_run(site, name):
    (site.folder / name).write_bytes(b"")
    assert site.loose() == [name]


@pytest.mark.parametrize("name", ["README.txt", "folder"])
def test_a_loose_file_that_does_nothing(site, name):
    (site.folder / name).write_bytes(b"")
    assert site.loose() == []


def test_what_virtualenv_writes_is_known_by_its_content(site):
    """The name alone says nothing: any code could stand in such a file."""
    (site.folder / "_virtualenv.pth").write_bytes(b"import _virtualenv")
    assert site.loose() == []
    (site.folder / "_virtualenv.pth").write_bytes(b"import _virtualenv; import os")
    (site.folder / "_virtualenv.py").write_bytes(b"")
    assert site.loose() == ["_virtualenv.pth", "_virtualenv.py"]


@pytest.mark.parametrize("name", ["thing_extensions", "sitecustomize", "numpy"])
@pytest.mark.parametrize("inside", ["__init__.py", "deeper/data.txt"])
def test_a_folder_that_nobody_recorded_can_shadow_a_module(site, name, inside):
    (site.folder / name / inside).parent.mkdir(parents=True)
    assert site.loose() == []
    (site.folder / name / inside).write_bytes(b"")
    assert site.loose() == [f"{name}/"]


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links")
def test_a_linked_folder_at_the_top_is_loose(site, tmp_path_factory):
    (site.folder / "numpy").symlink_to(tmp_path_factory.mktemp("elsewhere"))
    assert site.loose() == ["numpy/"]


@pytest.mark.parametrize("name", ["thing.libs", "other-1.0.dist-info", "__pycache__"])
def test_a_folder_that_cannot_be_imported_is_not_loose(site, name):
    (site.folder / name).mkdir()
    (site.folder / name / "x").write_bytes(b"")
    assert site.loose() == []


def test_a_folder_with_nothing_but_compiled_files_is_what_an_uninstalled_package_leaves(site):
    (site.folder / "gone/__pycache__").mkdir(parents=True)
    (site.folder / "gone/__pycache__/x.pyc").write_bytes(b"")
    assert site.loose() == []


def test_without_a_record_nothing_is_compared(site):
    site.record.unlink()
    assert "it has no RECORD" in site.check().problem
    assert not site.check().ok


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("thing/__init__.py,sha256=abc", "line 1 of its RECORD has 2 fields"),
        (",sha256=abc,1", "line 1"),
        ("a.py,md5=abc,1", "hash algorithm 'md5'"),
        ("a.py,abc,1", "hash algorithm 'abc'"),
        ("a.py,sha256=a*b,1", "no base64"),
        ("a.py,sha256=AAAA,1", "a hash of 3 bytes"),
        ("a.py,,", "no hash for a.py"),
        ("a.py,sha256=abc,many", "the size 'many'"),
        ('"a.py', "no table"),
    ],
)
def test_a_malformed_record_is_named(site, line, words):
    site.record.write_text(line + "\n")
    checked = site.check()
    assert words in checked.problem
    assert not checked.ok


def test_an_empty_record_is_no_record():
    with pytest.raises(RecordError, match="empty"):
        rows("\n")


@pytest.mark.parametrize("algorithm", ["sha384", "sha512"])
def test_stronger_hashes_count(site, algorithm):
    lines = site.record.read_text().splitlines()
    lines[0] = f"thing/__init__.py,{digest(b'x = 1' + bytes([10]), algorithm)},6"
    site.record.write_text("\n".join(lines) + "\n")
    assert site.check().ok
    (site.folder / "thing/__init__.py").write_bytes(b"x = 3\n")
    assert site.check().altered == ["thing/__init__.py"]


@given(st.text(alphabet='a,="\n25sh6/.', max_size=60))
def test_any_text_is_a_record_or_an_error(text):
    try:
        assert all(row.path for row in rows(text))
    except RecordError as error:
        assert "RECORD" in str(error)  # noqa: PT017


def test_the_closure_follows_requirements_that_count_here(site):
    site.install(
        "root",
        {},
        [
            "thing>=1",
            "Fast_Thing[speed] ; python_version >= '3'",
            "absent ; sys_platform == 'nowhere'",
            "optional ; extra == 'more'",
            "missing",
            "unread ; ???",
        ],
    )
    site.install("fast_thing", {}, ["wheels ; extra == 'speed'", "thing", "root"])
    site.install("wheels", {})
    site.install("optional", {})
    found = closure("root", site.find)
    assert [each.name for each in found if each.installed] == ["fast-thing", "root", "thing", "wheels"]
    assert [(each.name, each.required_by) for each in found if not each.installed] == [("missing", "root")]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("hook.pth", ["hook.pth"]),
        ("_hook/__init__.py", ["_hook/__init__.py"]),
        ("six.py", ["six.py"]),
        ("idle/__init__.py", []),
    ],
)
def test_what_python_starts_is_looked_at_even_where_the_program_does_not_need_it(site, monkeypatch, fault, words):
    """`setuptools` is such a distribution: it has a .pth file, and that imports a package of it."""
    site.install("root", {}, ["thing"])
    site.install("hooking", {"hook.pth": b"import _hook", "_hook/__init__.py": b""})
    site.install("six", {"six.py": b""})
    site.install("idle", {"idle/__init__.py": b""})
    monkeypatch.setattr(sys, "path", [str(site.folder)])
    monkeypatch.setattr(examine_module, "PROGRAM", "root")
    assert [each.name for each in examine().distributions if each.ok] == ["root", "thing", "hooking", "six"]
    (site.folder / fault).write_bytes(b"print()")
    report = examine()
    assert [path for each in report.distributions for path in each.altered] == words
    assert report.loose == ()


def test_the_site_folder_of_the_account_is_looked_at_where_python_looks_there(site, monkeypatch, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    (home / "usercustomize.py").write_bytes(b"")
    site.install("root", {})
    monkeypatch.setattr(sys, "path", [str(site.folder)])
    monkeypatch.setattr(examine_module, "PROGRAM", "root")
    monkeypatch.setattr("site.getusersitepackages", lambda: str(home))
    for enabled, expected in ((True, ("usercustomize.py",)), (False, ())):
        monkeypatch.setattr("site.ENABLE_USER_SITE", enabled)
        assert examine().loose == expected


def test_the_real_installation_is_as_recorded():
    progress = []
    report = examine(lambda done, total: progress.append((done, total)))
    assert [each for each in report.distributions if not each.ok] == []
    assert (report.absent, report.loose, report.models) == ((), (), "")
    assert report.ok
    names = {each.name.lower() for each in report.distributions}
    assert {"numpy", "av", "onnxruntime", "posture"} <= names
    assert {"as recorded"} == {library.state for library in report.libraries}
    assert any("onnxruntime" in library.name for library in report.libraries)
    assert progress == sorted(progress)
    assert progress[-1][0] == progress[-1][1] > 100e6


def test_the_verb_says_what_it_found_and_what_that_proves():
    done = subprocess.run(
        [sys.executable, "-P", "-c", "from posture.cli import main; main()", "verify-install", "--json"],
        capture_output=True, text=True, timeout=100, check=False, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    tree = json.loads(done.stdout)
    assert (done.returncode, tree["schema"], tree["ok"]) == (0, "posture.verify-install/1", True)
    assert "git fsck" in tree["program"]["advice"]
    assert "not somebody who changed RECORD" in tree["proves"]


def test_every_difference_is_one_line_for_a_person(site, capsys):
    (site.folder / "thing/__init__.py").write_bytes(b"")
    (site.folder / "thing.py").unlink()
    (site.folder / "thing" / "[bold].py").write_bytes(b"")
    for number in range(verb.SHOWN + 2):
        (site.folder / "thing" / f"z{number}.txt").write_bytes(b"")
    report = Report(
        "installed", site.folder, (site.check(),), ("gone (needed by thing)",), ("x.pth",), "a model differs"
    )
    verb._show(report)
    words = capsys.readouterr().out
    for line in (
        "gone (needed by thing): is needed and not installed", "thing: thing/__init__.py is altered",
        "thing: thing.py is missing", "thing: thing/[bold].py is not recorded", "3 more are not recorded",
        "x.pth: nobody recorded it", "models: a model differs",
    ):  # fmt: skip
        assert line in words
    assert not report.ok
