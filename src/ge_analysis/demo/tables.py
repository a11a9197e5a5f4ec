"""All synthetic tables of one county or of the city, under the names and with the codes of the contracts."""

import pandas as pd

from ge_analysis.demo import city, connections, network, service, survey
from ge_analysis.demo.calibration import Unit


def county_tables(unit: Unit) -> dict[str, pd.DataFrame]:
    """Return the canonical tables of one county by table name; including personal columns."""
    feeders = network.feeders(unit)
    outages = network.outages(unit, feeders)
    tables = {
        "outages": outages,
        "connections": connections.connections(unit),
        "feeders": feeders,
        "customers": network.customers(unit),
        "live_line_jobs": network.live_line_jobs(unit, feeders, outages),
        "metering": service.metering(unit),
        "complaints": service.complaints(unit),
        "resale": service.resale(unit),
        "convenience": service.convenience(unit),
        "hall_visits": service.hall_visits(unit),
        "survey": survey.survey(unit),
    }
    if unit.calibration.customer_list:
        tables["interrupted_customers"] = network.interrupted_customers(unit, feeders, outages)
    return tables


def city_tables(units: list[Unit], years: int = 2) -> dict[str, pd.DataFrame]:
    """Return the canonical city-wide tables by table name; without those that the city does not send."""
    makers = (city.tariffs, city.index_items, city.b_ready, city.investment_plan, city.policies, city.actions)
    tables = {maker.__name__: maker(units) for maker in makers}
    tables["previous_indicators"] = city.previous_indicators(units, years)
    return {name: table for name, table in tables.items() if len(table)}
