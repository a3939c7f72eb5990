"""The pictures: there for every stretch, told in words, small, and harmless to put into a page."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from bot.knowledge import load_knowledge

PICTURES = Path("bot/widget/pictures")
SVG = "{http://www.w3.org/2000/svg}"
DRAWN = sorted(PICTURES.glob("*.svg"))
KNOWLEDGE = load_knowledge()
MOST_BYTES = 12 * 1024
MOST_PNG_BYTES = 40 * 1024
ALLOWED = {"svg", "title", "g", "path", "rect", "circle", "ellipse", "text", "style"}
FRONT = {"neck", "hip_front", "groin", "thigh", "leg"}
BACK = {"neck", "mid_back", "low_back", "buttock", "thigh", "leg"}


def root(name: str) -> ElementTree.Element:
    return ElementTree.parse(PICTURES / name).getroot()


def title(picture: ElementTree.Element) -> str:
    return picture.findtext(f"{SVG}title") or ""


@pytest.mark.parametrize("path", DRAWN, ids=lambda path: path.stem)
def test_a_picture_is_small_told_in_words_and_scales(path: Path) -> None:
    picture = root(path.name)
    assert path.stat().st_size < MOST_BYTES
    assert picture.get("role") == "img"
    assert len(title(picture)) > 10
    assert picture.get("aria-labelledby") == picture.find(f"{SVG}title").get("id")
    assert len(picture.get("viewBox", "").split()) == 4
    assert picture.get("width") is None


@pytest.mark.parametrize("path", DRAWN, ids=lambda path: path.stem)
def test_a_picture_runs_nothing_and_fetches_nothing(path: Path) -> None:
    for element in root(path.name).iter():
        assert element.tag.removeprefix(SVG) in ALLOWED
        for name, value in element.attrib.items():
            assert not name.lower().startswith("on")
            assert name not in ("href", "style")
            assert "url(" not in value and "//" not in value
        if element.tag == f"{SVG}style":
            assert not any(mark in (element.text or "") for mark in ("url(", "@", "\\"))
    assert path.read_text(encoding="utf-8").count("http") == 1, "only the namespace"


@pytest.mark.parametrize("path", DRAWN, ids=lambda path: path.stem)
def test_an_id_stands_once_in_a_picture(path: Path) -> None:
    ids = [element.get("id") for element in root(path.name).iter() if element.get("id")]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("stretch", KNOWLEDGE.stretches.all, ids=lambda stretch: stretch.id)
def test_every_stretch_has_its_picture_and_the_reviewed_words_for_it(stretch) -> None:
    name = f"stretch-{stretch.picture}"
    assert title(root(f"{name}.svg")) == stretch.alt
    png = (PICTURES / "png" / f"{name}.png").read_bytes()
    assert png.startswith(b"\x89PNG") and len(png) < MOST_PNG_BYTES


def test_no_picture_of_a_stretch_that_is_gone() -> None:
    known = {f"stretch-{stretch.picture}" for stretch in KNOWLEDGE.stretches.all}
    assert {path.stem for path in PICTURES.rglob("stretch-*.*")} == known


def test_each_muscle_that_is_explained_can_be_lit_up() -> None:
    muscles = {group.get("id") for group in root("hip-flexors.svg").iter(f"{SVG}g") if group.get("class") == "muscle"}
    assert muscles == {muscle.id for muscle in KNOWLEDGE.explanation.muscles}
    assert {"sitting", "standing"} <= {group.get("id") for group in root("hip-flexors.svg").iter(f"{SVG}g")}


@pytest.mark.parametrize(("name", "regions"), [("body-front.svg", FRONT), ("body-back.svg", BACK)])
def test_the_body_has_the_places_of_pain(name: str, regions: set[str]) -> None:
    groups = [group for group in root(name).iter(f"{SVG}g") if group.get("class") == "region"]
    assert {group.get("id") for group in groups} == regions
    assert all(group.get("data-region") == group.get("id") for group in groups)


def test_left_and_right_change_sides_when_seen_from_behind() -> None:
    def mirrored(name: str) -> set[str | None]:
        return {
            path.get("data-side")
            for path in root(name).iter(f"{SVG}path")
            if path.get("data-side") and path.get("transform")
        }

    assert mirrored("body-front.svg") == {"left"}
    assert mirrored("body-back.svg") == {"right"}
