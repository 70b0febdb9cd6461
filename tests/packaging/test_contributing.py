"""CONTRIBUTING.md, done: its commands run and its files written, in order, on a copy of the content.

And what else ``new`` writes: what the shipped shapes and checks ask for is then asked of it.
"""

import re
import shlex
import shutil
from pathlib import Path

from click.testing import CliRunner

from app.cli import main
from tests.cli.test_new import COMMANDS, fill_in, make

ROOT = Path(__file__).resolve().parents[2]
# In the order of the page: what a sentence says a file is, a command, the text of the last file that was named.
PART = re.compile(
    r"^```sh\n(?P<commands>.*?)^```|^```(?:turtle|sparql)\n(?P<text>.*?)^```|`(?P<name>(?:data|queries|shapes)/[a-z/0-9-]+\.\w+)`",
    re.DOTALL | re.MULTILINE,
)


def content_part() -> str:
    """Give the page from the first fact on, to where the engine begins."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    return page[page.index("## A fact") : page.index("## The engine")]


def test_what_the_page_says_can_be_done_and_check_is_content(tmp_path: Path) -> None:
    content, state = tmp_path / "content", tmp_path / "state"
    for folder in ("data", "ontology", "queries", "shapes"):
        shutil.copytree(ROOT / folder, content / folder)

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(main, [*arguments, "--content", str(content), "--state", str(state)])
        assert done.exit_code == 0, done.output
        return done.stdout

    name, written, approves = "", [], False
    for match in PART.finditer(content_part()):
        if match["name"]:
            name = match["name"]
        elif match["text"]:
            # What a command wrote is filled in; the rest of the files are new.
            assert name not in written
            (content / name).write_text(match["text"], encoding="utf-8")
            written.append(name)
        for command in (match["commands"] or "").splitlines():
            program, *arguments = shlex.split(command)
            assert program == "innherred"
            approves = approves or arguments[0] == "approve"
            if arguments[0] != "approve":  # that is done at the end, when all words are filled in
                run(*arguments)
    assert len(written) >= 5
    assert approves
    # The first makes the class Castle, as the page does.
    make(content, COMMANDS[1:])
    fill_in(content)
    run("format")
    run("approve")
    assert run("check", "--errors-only") == ""
