"""The command `init`: a folder for what is the user's own, an example of each, all commented."""

from pathlib import Path

from pointworth.errors import usage_error

FILES = {
    "sources.yml": """\
# What goes into one landing: pointworth map sources.yml --to landing
# pointworth map --list shows the mappings there are; a folder of SQL of your own counts, too.
# sources:
#   - {tool: qualtrics, mapping: qualtrics_csv, from: exports/qualtrics}
#   - {tool: stripe, mapping: stripe, from: "warehouse.duckdb:stripe_data"}
#   - {tool: ours, mapping: mappings/ours, from: exports/ours}
#   - {tool: own, mapping: mappings/own, from: exports/own}     # targets and patterns
# customers: stripe           # whose keys the customers have
# links: customer_links.csv
# settings: pointworth.yml
""",
    "customer_links.csv": "tool,tool_customer_id,customer_id\n",
    "pointworth.yml": """\
# Settings of the landing: any var of dbt_project.yml. They are copied beside the data.
# reporting_currency: EUR
# churn_basis: subscription    # or inactivity
# segments: [industry, contract_length]   # columns of customers or answers to cut figures by
# verbatim_packs: [telecom]
""",
    "exports/own/nps_targets.csv": "client_id,target_on,target_nps,survey_kind\n",
    "exports/own/verbatim_patterns.csv": "theme,language,pattern,unless_negated\n",
    "mappings/own/nps_targets.sql": """\
-- Scores you have promised, as exports/own/nps_targets.csv has them: own,2027-12-31,60,relational
-- (the client, or `own`; the day; the score; relational or transactional, or nothing).
-- select * from source_csv('nps_targets.csv')
""",
    "mappings/own/verbatim_patterns.sql": """\
-- Themes and words of your own, as exports/own/verbatim_patterns.csv has them: smart meter,en,smart
-- meter*,false (the theme, the language, the words with `*` for any ending, whether `no` before
-- them takes the theme away). They are looked for beside those of the packs.
-- select * from source_csv('verbatim_patterns.csv')
""",
    "mappings/ours/survey_responses.sql": """\
-- A mapping of your own: one select per dataset of the landing contract, named after it.
-- select
--     id as response_id,
--     account as customer_id,
--     utc(answered) as responded_at,
--     score_of(score) as score,
-- from source_csv('answers*.csv')
""",
    "exports/README.md": "Put what the tools export here, a folder for each.\n",
}


def write_folder(folder: Path) -> list[Path]:
    """Write what is not there yet; what is there is never touched. Returns what was written."""
    if folder.exists() and not folder.is_dir():
        raise usage_error(f"{folder} is a file: name a folder.")
    written = []
    for name, text in FILES.items():
        path = folder / name
        if path.exists():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written
