"""Makes ``asyncapi-3.0.0.json`` from AsyncAPI's own schema: without texts, and without other protocols than Kafka.

npm pack @asyncapi/specs && tar xf asyncapi-specs-*.tgz
python -m tests.schemas.specification.trim package/schemas/3.0.0.json
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TEXTS = ("description", "examples", "title", "$comment")
BASE = "http://asyncapi.com/"


def main(source: Path) -> None:
    whole = json.loads(source.read_text(encoding="utf-8"))
    definitions = {name: without_texts(schema) for name, schema in whole.pop("definitions").items()}
    for name, schema in definitions.items():
        if name.endswith("BindingsObject.json"):
            schema["properties"] = {p: s if p == "kafka" else {} for p, s in schema["properties"].items()}
    root = without_texts(whole)
    needed: set[str] = set()
    ahead = list(references(root))
    while ahead:
        if (name := ahead.pop()) not in needed:
            needed.add(name)
            ahead += references(definitions[name])
    lines = ",\n".join(f"{json.dumps(name)}: {compact(definitions[name])}" for name in sorted(needed))
    text = f'{compact(root)[:-1]},"definitions":{{\n{lines}\n}}}}\n'
    (HERE / "asyncapi-3.0.0.json").write_text(text, encoding="utf-8")


def compact(schema: Any) -> str:
    return json.dumps(schema, separators=(",", ":"), ensure_ascii=False)


def without_texts(schema: Any, *, named: bool = False) -> Any:
    """A schema without its prose; ``named``: the keys are names of properties, none of them a keyword."""
    if isinstance(schema, list):
        return [without_texts(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: without_texts(value, named=not named and key in ("properties", "patternProperties", "definitions"))
        for key, value in schema.items()
        if named or key not in TEXTS
    }


def references(schema: Any) -> Iterator[str]:
    if isinstance(schema, list):
        for each in schema:
            yield from references(each)
    elif isinstance(schema, dict):
        for key, value in schema.items():
            if key == "$ref" and isinstance(value, str) and value.startswith(BASE):
                yield value.partition("#")[0]
            else:
                yield from references(value)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
