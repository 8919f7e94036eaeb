"""Commands for whoever changes a contract: write the pages about it, release it. Run in a checkout."""

import sys
from pathlib import Path
from typing import Annotated

import typer


def document(
    folder: Annotated[Path, typer.Option(help="Of the contract pages.")] = Path("docs/contracts"),
) -> None:
    """Write what is generated of the contract pages: AsyncAPI document, records, samples."""
    from schemas import reference  # noqa: PLC0415 - only this command needs the pages

    for file, text in reference.pages(folder).items():
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            typer.echo(f"written: {file}")


def release(
    folder: Annotated[Path, typer.Option(help="Of the released contracts.")] = Path("schemas/released"),
) -> None:
    """Keep each contract that has changed as its next version; refused where it would leave somebody unable to read."""
    from schemas import compatibility  # noqa: PLC0415 - an eighth of a second that other commands need not wait

    try:
        added = compatibility.release(folder)
    except compatibility.IncompatibleError as error:
        sys.exit(f"lantaarn: nothing released\n{error}")
    for each in added:
        typer.echo(f"released: {each.record} {each.number}")
    if not added:
        typer.echo("Every contract is released as it is.")
