"""``report.html`` and ``card.md`` from a report: the templates lie beside this file."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

from pskd.evaluation import charts

if TYPE_CHECKING:
    from pskd.evaluation.metrics import ModelScore
    from pskd.evaluation.report import Report

MANY_CLASSES = 14


def render_page(report: Report) -> str:
    """The whole page as one text: styles and pictures inside, no script, nothing fetched."""
    from pskd.evaluation.report import PROTOCOLS

    return _template("report.html.j2", escape=True).render(
        report=report,
        models=models(report),
        matrix=_matrix(report.student),
        many=len(report.classes) > MANY_CLASSES,
        curves=charts.training_curves(report.curves),
        legend=[(name, charts.series_colour(i)) for i, name in enumerate(n for n, p in report.curves.items() if p)],
        confused=_most_confused(report.student, report.classes),
        rule=report.split.rule or PROTOCOLS.get(report.protocol, ""),
        people=len(report.split.test_subjects),
        new_people=report.protocol == "loso" or not set(report.split.test_subjects) & set(report.split.train_subjects),
    )


def render_card(report: Report, *, licence: str, facts: dict[str, Any]) -> str:
    """The model card as Markdown.

    Args:
        report: of the run.
        licence: under which terms the weights may be used.
        facts: what the bundle says of the student and its input (name, value).
    """
    from pskd.evaluation.report import PROTOCOLS

    return _template("card.md.j2", escape=False).render(
        report=report,
        licence=licence,
        facts=facts,
        models=models(report),
        rule=report.split.rule or PROTOCOLS.get(report.protocol, ""),
        confused=_most_confused(report.student, report.classes),
        weakest=sorted((c for c in report.student.per_class if c.support), key=lambda c: c.f1)[:3],
    )


def models(report: Report) -> list[tuple[str, str, ModelScore]]:
    """Name, what it sees, and score of the student and then of each teacher."""
    rows = [("student", report.student_input, report.student)]
    rows += [(name, report.teacher_inputs.get(name, ""), score) for name, score in report.teachers.items()]
    return rows


def _matrix(score: ModelScore) -> list[list[tuple[int, int]]]:
    """Each cell's count and its share of the row in percent."""
    return [[(n, round(100 * n / (sum(row) or 1))) for n in row] for row in score.confusion]


def _most_confused(score: ModelScore, classes: list[str], top: int = 5) -> list[tuple[int, str, str]]:
    """The commonest mistakes: count, truth, answer."""
    cells = [
        (n, classes[i], classes[j]) for i, row in enumerate(score.confusion) for j, n in enumerate(row) if i != j and n
    ]
    return sorted(cells, key=lambda cell: -cell[0])[:top]


def _template(name: str, *, escape: bool) -> Any:
    import jinja2

    source = resources.files("pskd.evaluation").joinpath(name).read_text("utf-8")
    # The card is Markdown for people to read as text: its values are checked words and numbers, nothing renders them.
    environment = jinja2.Environment(
        autoescape=escape, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment.filters["percent"] = lambda share, digits=1: f"{100 * share:.{digits}f}"
    environment.filters["thousands"] = lambda n: f"{n:,}".replace(",", " ")
    environment.filters["span"] = _span
    return environment.from_string(source)


def _span(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes)} min {rest:.0f} s" if minutes else f"{rest:.1f} s"
