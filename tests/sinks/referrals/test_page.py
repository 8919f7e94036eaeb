"""The overview page can be read by everybody, with whatever they read."""

from datetime import date
from html.parser import HTMLParser

from sinks.letters.words import faults
from sinks.referrals.catalogue import Listed, ReferralCatalogue
from sinks.referrals.page import page
from tests.sinks.referrals.test_catalogue import TODAY
from tests.sinks.referrals.test_suggesting import CATALOGUE

VOID = {"meta", "link", "br", "img", "hr", "input"}


class Reader(HTMLParser):
    """What a browser would see of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.labels: list[str] = []
        self.attributes: dict[str, dict[str, str | None]] = {}
        self.tags: list[str] = []
        self.said: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self.attributes.setdefault(tag, given)
        if tag in {"h1", "h2", "h3"}:
            self.headings.append(int(tag[1]))
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag == "a":
            self.targets.append(str(given["href"]))
        if given.get("aria-labelledby"):
            self.labels.append(str(given["aria-labelledby"]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, "tags nest"

    def handle_data(self, data: str) -> None:
        if "style" not in self.open and data.strip():
            self.said.append(data.strip())


def test_the_page_is_accessible() -> None:
    seen = Reader(page(CATALOGUE, "Gemeente Veenhaven", TODAY))
    assert seen.open == []
    assert seen.attributes["html"]["lang"] == "nl"
    assert {"title", "main", "nav", "header", "footer"} <= set(seen.tags)
    assert seen.headings.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in zip(seen.headings, seen.headings[1:], strict=False))
    assert len(seen.ids) == len(set(seen.ids))
    inside = {target[1:] for target in seen.targets if target.startswith("#")}
    assert inside <= set(seen.ids), "no link leads nowhere"
    assert set(seen.labels) <= set(seen.ids)
    assert not {"script", "img", "iframe", "link", "form"} & set(seen.tags), "nothing from elsewhere"


def test_every_entry_is_on_it_once_with_its_organisation_number_and_date() -> None:
    made = page(CATALOGUE, "Gemeente Veenhaven", TODAY)
    for one in CATALOGUE:
        assert made.count(f">{one.entry.name}</h3>") == 1
        assert f'href="tel:{one.organisation.phone.replace("-", "")}"' in made
        assert one.entry.checked_on.isoformat() in made
        assert one.entry.owner in made


def test_behind_a_limit_stands_help_without_one() -> None:
    made = page(CATALOGUE, "Gemeente Veenhaven", TODAY)
    after = made.split("Grens: 130 procent van de bijstandsnorm.")[1]
    assert "Deze hulp heeft geen grens:" in after.split("</article>")[0]


def test_the_page_is_in_plain_words() -> None:
    seen = Reader(page(CATALOGUE, "Gemeente Veenhaven", TODAY))
    assert [fault for fault in faults("\n\n".join(seen.said)) if not fault.startswith("long word")] == []


def test_a_stale_entry_says_so() -> None:
    assert "Bel eerst of dit nog klopt." not in page(CATALOGUE, "Gemeente Veenhaven", date(2026, 12, 1))
    assert "Bel eerst of dit nog klopt." in page(CATALOGUE, "Gemeente Veenhaven", date(2027, 12, 1))


def test_what_a_file_says_is_text_and_never_markup() -> None:
    [first, *_] = CATALOGUE
    entry = first.entry.model_copy(update={"what": "<script>alert(1)</script>"})
    made = page(ReferralCatalogue([Listed(first.key, first.organisation, entry)]), "<b>", TODAY)
    assert "<script>" not in made
    assert "<b>" not in made
