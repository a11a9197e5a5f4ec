"""Synthetic answers to the satisfaction questionnaire (满意度问卷)."""

import numpy as np
import pandas as pd

from ge_analysis.demo.calibration import Unit, texts

CLASSES = {"business": 0.5, "self_employed": 0.3, "resident": 0.2}


def survey(unit: Unit) -> pd.DataFrame:
    """Return the answers: content with repairs, not with card meters and paper invoices; demands for supply and notice."""
    rng, count = unit.rng("survey"), unit.calibration.answers
    kind = rng.choice(list(CLASSES), count, p=list(CLASSES.values()))
    urban_rural = rng.choice(["urban", "rural"], count, p=[0.55, 0.45])
    industry = np.array([rng.choice(texts().industries[area]) for area in urban_rural])
    card = unit.by_hand & (rng.random(count) < 0.45)
    resident, rural = kind == "resident", urban_rural == "rural"
    answers = pd.DataFrame(
        {
            "response_id": [f"WJ{unit.county.code}{serial:03d}" for serial in range(1, count + 1)],
            "respondent": [f"合成受访者{serial:02d}" for serial in range(1, count + 1)],
            "respondent_phone": [f"100{int(unit.county.code[-4:]):04d}9{serial:03d}" for serial in range(1, count + 1)],
            "respondent_class": kind,
            "industry": pd.Series(industry).mask(resident),
            "urban_rural": urban_rural,
            "meter_type": np.where(card, "card", "smart"),
            "connection": pd.Series(_scores(rng, np.where(rural & (kind == "business"), 3.2, 4.4))).mask(resident),
            "payment": _scores(rng, np.where(card, 2.4, 4.6)),
            "invoicing": pd.Series(_scores(rng, np.full(count, 2.3 if unit.calibration.invoice_days else 2.9))).mask(resident),
            "tariff_transparency": _scores(rng, np.where(resident, 4.2, 3.4)),
            "repair_visits": rng.choice([4, 5], count, p=[0.2, 0.8]),
            "outage_notice": _scores(rng, np.where(rural, 2.8, 3.4)),
            "demands": [_demands(unit, rng, is_card) for is_card in card],
            "comments": _comments(rng, pd.Series(industry).mask(resident)).where(rng.random(count) < 0.5),
        }
    )
    months = pd.Series(rng.poisson(np.where(rural, 0.8, 0.4)).astype(float))
    hours = pd.Series(rng.choice([0.5, 1, 1.5, 2, 3, 4], count)).where(months > 0)
    generator = pd.Series(rng.random(count) < np.where(rural, 0.25, 0.15))
    firms = {"outages_per_month": months, "typical_outage_hours": hours, "generator": generator.astype("boolean")}
    return answers.assign(**{name: column.mask(resident) for name, column in firms.items()})


def _scores(rng: np.random.Generator, centre: np.ndarray) -> np.ndarray:
    """Draw scores from 1 to 5 around the given centres."""
    return np.clip(np.rint(rng.normal(centre, 0.55)), 1, 5).astype(int)


def _comments(rng: np.random.Generator, industries: pd.Series) -> pd.Series:
    """Draw the comments: half of the respondents of an industry with its own sentence say that."""
    anyones = pd.Series(rng.choice(texts().comments, len(industries)))
    own = industries.map(texts().comments_of_industry).where(rng.random(len(industries)) < 0.5)
    return own.fillna(anyones)


def _demands(unit: Unit, rng: np.random.Generator, card: bool) -> str:
    """Draw the demands of one respondent in the order of the questionnaire, mostly stable supply and notice."""
    chance = dict(texts().demands)
    chance["更换智能电表"] = 0.85 if card else 0.0
    chance["专用发票不限开票日期"] = 0.8 if unit.calibration.invoice_days else 0.0
    chosen = [demand for demand, share in chance.items() if rng.random() < share]
    return "；".join(chosen or ["减少停电时间和次数"])
