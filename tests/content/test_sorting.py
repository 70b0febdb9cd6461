"""Sorting: the same in memory and through any number of runs, whatever is written twice."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.content import sorting
from app.content.sorting import sorted_lines, sorted_parts

# Few different lines, so that many come twice, in one run and in several; Python's order is that of code points.
LINES = st.lists(st.sampled_from([f"{letter}{n}\n" for letter in "aå€😀\u2028" for n in range(9)]), max_size=80)


@given(LINES, st.integers(1, 90))
def test_sorting_through_files_is_sorting(lines: list[str], size: int) -> None:
    assert list(sorted_lines(lines, size)) == sorted(set(lines))


@pytest.mark.parametrize("block", [1, 10, 1000])
def test_runs_are_merged_block_by_block(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorting, "_BLOCK", block)
    lines = [f"{n * 7919 % 1000 // 2:03d}\n" for n in range(1000)]
    assert list(sorted_lines(lines, 30)) == sorted(set(lines))


@given(st.lists(LINES, max_size=9), LINES, st.integers(1, 60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_run_is_told_when_it_is_written(
    tmp_path_factory: pytest.TempPathFactory, parts: list[list[str]], last: list[str], size: int
) -> None:
    folder = tmp_path_factory.mktemp("runs")
    told: list[str] = []

    def written(path: Path) -> None:
        text = path.read_text(encoding="utf-8").split("\n")[:-1]
        assert text == sorted(set(text))
        told.extend(f"{line}\n" for line in text)

    given_ = [line for part in parts for line in part]
    assert list(sorted_parts(iter(parts), folder, written, last, size=size)) == sorted({*given_, *last})
    # Small inputs need no run; of others every line but the last ones is in one.
    assert set(told) == (set(given_) if any(folder.iterdir()) else set())
