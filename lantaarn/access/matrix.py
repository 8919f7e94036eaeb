"""Who may do what, as a table for docs/access.md; made from the catalogue, so that it cannot say anything else."""

from lantaarn.access.rights import Rights
from lantaarn.access.rules import OURS, Binding, Users, bindings
from schemas.codes import SignalType
from schemas.topics import SIGNAL_RECORDS, Catalogue

PARTNER, OTHER, OWN = "<partner>", "<other>", "gemeente"
SHORT = {"read": "R", "write": "W", "describe": "D"}


def table(prefix: str = "") -> str:
    """The matrix in Markdown; a partner stands for each, and one type of signal for all."""
    kind = SignalType.RENT
    slug, record = SIGNAL_RECORDS[kind]
    catalogue = Catalogue(prefix, [(PARTNER, kind), (OTHER, kind)])
    rights = Rights({name: frozenset({record}) for name in (PARTNER, OTHER)}, frozenset({PARTNER, OTHER, OWN}))
    users = Users()
    names = {users.role(role): role.value for role in OURS}
    names |= {users.partner(PARTNER): "the partner", users.partner(OTHER): "another partner"}
    found: dict[tuple[str, str], dict[str, set[str]]] = {}
    for binding in bindings(catalogue, users, rights):
        found.setdefault((binding.resource, binding.name), {}).setdefault(_user(binding), set()).add(binding.operation)
    head = f"| | {' | '.join(names.values())} |"
    lines = [head, "|---" * (len(names) + 1) + "|"]
    shown = [("topic", topic.name) for topic in catalogue if topic.partner in {None, PARTNER, OWN}]
    shown += [("group", name) for name in (*catalogue.groups, *(catalogue.receipts_group(p) for p in (OWN, PARTNER)))]
    shown.append(("transactional_id", catalogue.transactional_id(0)))
    for resource, name in shown:
        allowed = found.get((resource, name), {})
        cells = ["".join(sorted(SHORT[operation] for operation in allowed.get(user, ()))) for user in names]
        label = name.replace(f"signals.{slug}.", "signals.<type>.")
        if resource == "transactional_id":
            label = f"{label.removesuffix('0')}<partition>"
        lines.append(f"| {resource.replace('_', ' ')} `{label}` | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _user(binding: Binding) -> str:
    return binding.principal.removeprefix("User:")
