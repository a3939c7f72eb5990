"""`python -m bot.knowledge.row_table docs/clinical.md`: write the table of rows into a document, between its marks."""

from __future__ import annotations

from pathlib import Path

import click

from bot.knowledge.load import Knowledge, load_knowledge

BEGIN, END = "<!-- rows: begin -->", "<!-- rows: end -->"


def row_table(knowledge: Knowledge) -> str:
    """The 58 rows as a Markdown table."""
    lines = ["| # | Row | Condition | Disposition | Stretches | Sources |", "|---|---|---|---|---|---|"]
    for number, rule in enumerate(knowledge.rules.all, start=1):
        sources = ", ".join(rule.sources) + (" (policy)" if rule.policy else "")
        condition = " ".join(rule.when.text.split())
        disposition = rule.disposition + (" and the watch card" if rule.ces_card else "")
        lines.append(f"| {number} | {rule.row} | `{condition}` | {disposition} | {rule.stretches} | {sources} |")
    return "\n".join(lines)


def with_table(document: str, table: str) -> str:
    """The document with the table between its marks; raises ValueError when the marks are missing."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the document needs the marks {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


@click.command()
@click.argument("document", type=click.Path(path_type=Path, exists=True))
def main(document: Path) -> None:
    """Write the table of rows into DOCUMENT."""
    text = document.read_text(encoding="utf-8")
    document.write_text(with_table(text, row_table(load_knowledge())), encoding="utf-8")


if __name__ == "__main__":
    main()
