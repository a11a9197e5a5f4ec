"""What the report says of answers to B-READY's checklist that the ledgers contradict (method 12)."""

from types import SimpleNamespace

import pytest

from ge_analysis.report.b_ready import BReady
from ge_analysis.settings.parameters import standard
from ge_analysis.settings.registry import printed


class City:
    """Figures of a city: the answers of one expert, and what the ledgers show."""

    params = SimpleNamespace(method=standard())

    def __init__(self, answers: dict[str, float], **ledgers: float):
        self.answers, self.ledgers = answers, ledgers

    def records(self, table: str) -> list[dict[str, str]]:
        return [{"item": item, "evidence": "附件"} for item in self.answers]

    def value(self, indicator: str, item: str = "") -> float:
        if indicator == "b_ready_answer":
            return self.answers.get(item, float("nan"))
        return self.ledgers.get(indicator, float("nan"))

    def num(self, indicator: str, item: str = "") -> str:
        return printed(indicator, self.value(indicator, item))


@pytest.mark.parametrize(
    ("answers", "ledgers", "told"),
    [  # yes from 50 % on, by the parameters
        ({"e_payment": 1}, {"online_payment_pct": 49.9}, ["核查表：是；台账：线上交费占比49.9%"]),
        ({"e_payment": 1}, {"online_payment_pct": 50}, []),
        ({"e_payment": 0}, {"online_payment_pct": 50}, ["核查表：否；台账：线上交费占比50%"]),
        ({"e_payment": 0.5}, {"online_payment_pct": 80}, ["核查表：各半；台账：线上交费占比80%"]),
        ({"e_payment": 1}, {}, []),
        ({}, {"online_payment_pct": 10}, []),
        ({"liability": 1}, {"online_payment_pct": 10}, []),
        (
            {"e_payment": 1, "outage_notice_direct": 1},
            {"online_payment_pct": 10, "notice_sms_pct": 20},
            ["核查表：是；台账：线上交费占比10%", "核查表：是；台账：短信通知比例20%"],
        ),
    ],
)
def test_answers_that_the_counties_ledgers_contradict_are_listed(answers, ledgers, told):
    found = BReady(City(answers, **ledgers)).contradicted()
    assert [line.rpartition("（")[2].removesuffix("）") for line in found] == told
