"""`Study`: the one object that is passed around: a year's parameters and places, its tables and its results.

Reading and computing are imported where they are used, so that a build with nothing to do starts at once.
"""

from functools import cached_property
from typing import TYPE_CHECKING

from ge_analysis.errors import GeError
from ge_analysis.language import _
from ge_analysis.ledgers.stale import why_stale
from ge_analysis.settings import parameters
from ge_analysis.settings.places import CITY, County
from ge_analysis.settings.study_year import StudyYear
from ge_analysis.storage import results as results_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from ge_analysis.indicators.results import Results, Topic
    from ge_analysis.review.what_if import Given


class Study(StudyYear):
    """One study year of one city.

    Attributes
    ----------
    params : Params
        The year's parameters, read from `params/`.
    paths : Paths
        Where the year's files are.

    Examples
    --------
    >>> study = Study.open(2021)
    >>> study.county("临县").slug, len(study.counties)
    ('linxian', 13)
    >>> study.table("临县", "停电事件")                         # doctest: +SKIP
    >>> study.indicators()                                    # doctest: +SKIP
    """

    def table(self, county: str, sheet: str) -> "pd.DataFrame":
        """Return one canonical table, ingesting the county's workbooks first if it is missing or stale.

        Parameters
        ----------
        county : str
            Slug, Chinese name or code; `city` for the city-wide sheets.
        sheet : str
            Chinese name of the sheet (停电事件) or name of its table (outages).

        Returns
        -------
        DataFrame, shape (rows of the sheet, columns)
            Columns and units as docs/ledgers.md lists them, without personal data; and county, source_file, source_sheet and
            source_row, which name the row of the workbook.

        Raises
        ------
        GeError
            For an unknown county or sheet, or if the county's workbooks have errors.

        Examples
        --------
        >>> Study.open(2021).table("临县", "停电事件")["customers"].sum()          # doctest: +SKIP
        """
        from ge_analysis.ledgers import tables

        return tables.table(self, self.place(county), sheet)

    def tables(self, county: str) -> "dict[str, pd.DataFrame]":
        """Return all canonical tables of one county, or of `city`, by name; arguments and errors as in `table`.

        Examples
        --------
        >>> Study.open(2021).tables("临县")["outages"]                         # doctest: +SKIP
        """
        from ge_analysis.ledgers import tables

        return tables.tables(self, self.place(county))

    @cached_property
    def missing(self) -> dict[str, str]:
        """Slug of each county that cannot be shown, and why: its notebook failed, or its workbooks have errors."""
        reasons = {}
        for unit in self.counties:
            failure = results_folder.failure(self.paths.results(unit.slug))
            if failure:
                reasons[unit.slug] = failure["reason"]
                continue
            if why_stale(self, unit.slug):
                from ge_analysis.ledgers import ingest
                from ge_analysis.ledgers.issues import refusal

                if reason := refusal(ingest.ingest(self, [unit.slug])[unit.slug]):
                    reasons[unit.slug] = reason
        return reasons

    @property
    def present(self) -> tuple[County, ...]:
        """The counties that can be shown, in administrative order."""
        return tuple(unit for unit in self.counties if unit.slug not in self.missing)

    def pooled(self, sheet: str) -> "pd.DataFrame":
        """Return one canonical table of all present counties, concatenated.

        Parameters
        ----------
        sheet : str
            Chinese name of a sheet that counties send, or the name of its table.

        Returns
        -------
        DataFrame
            As returned by `table`.

        Raises
        ------
        GeError
            For an unknown sheet, or if no county's workbooks can be used.

        Examples
        --------
        >>> Study.open(2021).pooled("停电事件").groupby("county").size()         # doctest: +SKIP
        """
        from ge_analysis.ledgers.finished import read

        return read(self, [unit.slug for unit in self.shown()], sheet)

    def compute(self, place: str) -> "Results":
        """Compute the indicators of one county, or of `city`, from the ledgers; nothing is saved.

        Parameters
        ----------
        place : str
            Slug, Chinese name or code; `city` for the whole city.

        Returns
        -------
        Results
            `indicators`, the long table that `indicators()` returns, and `rows`, the ledger rows behind each of its values:
            `ge_analysis.indicators.long_table.select` picks them.

        Raises
        ------
        GeError
            For an unknown county, or one whose workbooks have errors. If the city's workbooks have errors, a county lacks
            what they say about it.

        Examples
        --------
        >>> Study.open(2021).compute("临县").indicators                        # doctest: +SKIP
        """
        from ge_analysis.indicators.city import city_results
        from ge_analysis.indicators.county import county_results
        from ge_analysis.ledgers.contract import contracts
        from ge_analysis.ledgers.tables import city_tables

        slug = self.place(place)
        if slug != CITY:
            city = city_tables(self)
            index_items, previous = city["index_items"], city["previous_indicators"]
            return county_results(self.tables(slug), self.params, slug, index_items, previous, self.own_topics())
        pooled = {name: self.pooled(name) for name, sheet in contracts().items() if sheet.scope == "county"}
        return city_results(pooled, self.county_indicators(), self.tables(CITY), self.params, self.own_topics())

    def own_topics(self) -> "list[Topic]":
        """Return the topics that the study adds.

        Examples
        --------
        >>> Study.open(2021).own_topics()
        []
        """
        from ge_analysis.indicators.results import Tally
        from ge_analysis.storage.own_code import own_functions

        return own_functions(self.paths.own_indicators, "compute", Tally)

    @cached_property
    def before(self) -> "Study | None":
        """The year before, where the study has its parameters."""
        return Study.open(self.year - 1, self.paths.root) if self.year - 1 in parameters.years(self.paths.root) else None

    def handed_over(self) -> "pd.DataFrame | None":
        """Return the long indicator table as it was last published, else as it was saved; None where the year was not run.

        Examples
        --------
        >>> Study.open(2021).handed_over()         # doctest: +SKIP
        """
        if any(self.paths.published.glob("[0-9]*")):
            from ge_analysis.review.published import indicators

            return indicators(self.paths)
        return self.indicators() if (self.paths.results(CITY) / "indicators.parquet").is_file() else None

    def master_data(self) -> "dict[str, dict[str, pd.DataFrame]]":
        """Return last year's slow-changing tables of each county: its feeders and customers; {} if there are none.

        Customers are omitted if last year counted them in another unit.

        Examples
        --------
        >>> Study.open(2021).master_data()
        {}
        """
        before = self.before
        if not before:
            return {}
        names = ["feeders"]
        if before.params.year.statistical_unit == self.params.year.statistical_unit:
            names.append("customers")
        from ge_analysis.ledgers.finished import read

        shown = [unit.slug for unit in before.counties if (before.paths.tables(unit.slug) / "feeders.parquet").is_file()]
        return {slug: {name: read(before, [slug], name) for name in names} for slug in shown}

    def shown(self) -> tuple[County, ...]:
        """Return the present counties, of which there must be one.

        Raises
        ------
        GeError
            If there is none.

        Examples
        --------
        >>> [county.name for county in Study.open(2021).shown()]               # doctest: +SKIP
        """
        if not self.present:
            raise GeError(
                _("every county of {year} has failed or has no usable workbooks", year=self.year),
                _("correct what `ge status` shows first, then `ge build`"),
            )
        return self.present

    def _indicators(self, place: str) -> "pd.DataFrame":
        from ge_analysis.indicators.long_table import flaw

        folder = self.paths.results(place)
        failed = results_folder.failure(folder)
        if failed:  # a county that failed is not among those that are shown
            raise GeError(
                _("{place} has no results: {reason}", place=place, reason=failed["reason"]),
                _("correct what `ge status` shows first, then `ge build`"),
            )
        saved = folder / "indicators.parquet"
        if not saved.is_file():
            return self.compute(place).indicators
        found = results_folder.saved(folder).to_pandas()
        if why := flaw(found, place, self.params):
            raise GeError(
                _("{saved} cannot be used: {why}", saved=saved, why=why), _("run `ge build`, or correct what the notebook saves")
            )
        return found

    def county_indicators(self) -> "pd.DataFrame":
        """Return the long indicator table of all present counties, as their notebooks saved it or else computed now.

        Returns and raises as `indicators` does.

        Examples
        --------
        >>> Study.open(2021).county_indicators()                            # doctest: +SKIP
        """
        import pandas as pd

        return pd.concat([self._indicators(unit.slug) for unit in self.shown()], ignore_index=True)

    def indicators(self) -> "pd.DataFrame":
        """Return the long indicator table of all present counties and the city.

        Returns
        -------
        DataFrame, one row per value
            county (slug, or "city"), indicator (docs/glossary.md), the dimensions area, voltage, kind, item, by and group (empty
            if a value is not split by them), value [unit], unit, n, numerator, denominator, reason (why a value is missing),
            period and method.

        Raises
        ------
        GeError
            If no county's workbooks can be used, or a saved table is damaged.

        Examples
        --------
        >>> indicators = Study.open(2021).indicators()                        # doctest: +SKIP
        >>> indicators[indicators["indicator"] == "saifi"]                    # doctest: +SKIP
        """
        import pandas as pd

        return pd.concat([self.county_indicators(), self._indicators(CITY)], ignore_index=True)

    def trace(self, place: str, indicator: str, **dims: str) -> "pd.DataFrame":
        """Trace one value to the ledger rows that made it.

        Parameters
        ----------
        place : str
            Slug, Chinese name or code, or `city`.
        indicator : str
            Its name in the registry (docs/glossary.md).
        **dims : str
            The dimensions that identify the value, as codes or labels.

        Returns
        -------
        DataFrame, one row per ledger row
            The value that the row is part of, place, table, source_file, source_sheet and source_row; numerator and denominator,
            which add up to those of the value; contribution, which adds up to the value [its unit]; and the row's own cells.
            If the value follows from others, the rows of each of them. JupyterLab shows the formula above the table.

        Raises
        ------
        GeError
            For an unknown place, indicator, dimension or code, or if the place has no such value.

        Examples
        --------
        >>> study = Study.open(2021)
        >>> study.trace("临县", "saidi_hours", area="rural")              # doctest: +SKIP
        """
        from ge_analysis.review.trace import trace

        return trace(self, place, indicator, **dims).table()

    def diff(self, then: str = "") -> "pd.DataFrame":
        """Compare the study with a published state and explain what changed.

        Parameters
        ----------
        then : str
            Name of the published state; defaults to the last one.

        Returns
        -------
        DataFrame, one row per value that now prints differently
            Largest relative change first: grade, the value's key, label, then, now, change and its causes, whose parts add up.

        Raises
        ------
        GeError
            If no state of that name is published, or it cannot be read.

        Examples
        --------
        >>> Study.open(2021).diff("送审稿")                                    # doctest: +SKIP
        """
        from ge_analysis.review.differences import differences
        from ge_analysis.review.pages import change_table
        from ge_analysis.review.published import load, now

        return change_table(differences(load(self.paths, then), now(self)))

    def what_if(self, measures: "Sequence[Given] | None" = None) -> "pd.DataFrame":
        """Work out what measures would change, each alone and all together; the ledgers are changed in memory only.

        Parameters
        ----------
        measures : sequence of str or mapping, optional
            Ids from `params/<year>/measures.yml`, or mappings like its entries; defaults to all entries.

        Returns
        -------
        DataFrame, one row per value that changes in print
            Measure, county, the value's name, then before and after [its unit], as numbers and as printed.
            `ge_analysis.figures.measures.before_after` draws it.

        Raises
        ------
        GeError
            For an unknown measure or county, a county without results, or an impossible amount.

        Examples
        --------
        >>> study = Study.open(2021)
        >>> study.what_if(["live_line", {"act": "fault_hours", "amount": 2, "counties": ["临县"]}])   # doctest: +SKIP
        """
        from ge_analysis.review.what_if import headlines, what_if

        return headlines(what_if(self, measures))
