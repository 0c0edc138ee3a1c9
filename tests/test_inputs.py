import pytest

from posture.errors import NoInput
from posture.inputs import MEDIA_SUFFIXES, find_inputs
from posture.reports import FORMATS


@pytest.fixture
def tree(tmp_path):
    for name in ("a.mp4", "b.MKV", "notes.txt", "sub/a.mp4", "sub/.hidden.mp4", ".cache/c.mp4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    return tmp_path


def stems(inputs):
    return [item.stem.as_posix() for item in inputs]


def test_a_folder_is_searched_for_media_and_keeps_its_tree(tree):
    assert stems(find_inputs([str(tree)])) == ["a", "b", "sub/a"]


def test_a_named_file_is_taken_whatever_its_suffix(tree):
    assert [i.path.name for i in find_inputs([str(tree / "notes.txt")])] == ["notes.txt"]


def test_a_glob_is_expanded_for_shells_that_do_not(tree):
    assert stems(find_inputs([str(tree / "*.mp4")])) == ["a"]


def test_each_file_once(tree):
    assert stems(find_inputs([str(tree / "a.mp4"), str(tree), str(tree / "a.mp4")])) == ["a", "b", "sub/a"]


def test_results_of_files_that_differ_in_the_suffix_do_not_collide(tmp_path):
    for name in ("walk.mp4", "Walk.gif"):
        (tmp_path / name).write_bytes(b"")
    assert sorted(stems(find_inputs([str(tmp_path)]))) == ["Walk.gif", "walk.mp4"]


def test_same_name_from_two_folders(tree):
    found = find_inputs([str(tree / "a.mp4"), str(tree / "sub" / "a.mp4")])
    assert stems(found) == ["a.mp4", "a.mp4-2"]


@pytest.mark.parametrize("missing", ["nothing.mp4", "*.mov", "empty", "e*", "x" * 300])
def test_what_matches_nothing_is_named(tree, missing):
    (tree / "empty").mkdir()
    with pytest.raises(NoInput, match=missing.replace("*", r"\*")):
        find_inputs([str(tree / missing)])


def test_brackets_and_spaces_in_a_real_name_are_no_pattern(tmp_path):
    (tmp_path / "a [1] b.mp4").write_bytes(b"")
    assert stems(find_inputs([str(tmp_path / "a [1] b.mp4")])) == ["a [1] b"]


def test_reports_are_no_inputs_of_the_next_analysis():
    assert not {f".{one.suffix}" for one in FORMATS.values()} & MEDIA_SUFFIXES


def test_results_are_left_out_of_folders_and_taken_where_they_are_named(tree):
    def is_result(path, searched):
        assert searched == tree
        return path.name == "a.mp4"

    assert stems(find_inputs([str(tree)], is_result)) == ["b"]
    assert stems(find_inputs([str(tree / "a.mp4"), str(tree)], is_result)) == ["a", "b"]
    with pytest.raises(NoInput, match="earlier run"):
        find_inputs([str(tree)], lambda path, searched: True)
