{# How each figure is defined in this run, and how it was when it was published last. A version that
   stands in the seed has its name and day; code or settings of one's own are told as such. #}
with

given as (

    {{ figure_definitions() }}

),

versions as (

    select
        figure,
        fingerprint,
        max(version) as version
    from {{ ref('definitions') }}
    group by figure, fingerprint

),

named as (

    select
        given.figure,
        given.fingerprint,
        versions.version,
        definitions.name,
        definitions.valid_since,
        cast(given.settings as string) as settings,
        case
            when versions.version is not null
                then 'version ' || cast(versions.version as string)
            else 'own ' || substr(given.fingerprint, 1, 8)
        end
        || case when given.settings is null then '' else ' with ' || given.settings end
            as definition
    from given
    left join versions
        on
            given.figure = versions.figure
            and given.fingerprint = versions.fingerprint
    left join {{ ref('definitions') }} as definitions
        on
            versions.figure = definitions.figure
            and versions.version = definitions.version

),

published as (

    select
        figure,
        definition,
        run,
        row_number() over (
            partition by figure order by run desc, period_start desc, part asc
        ) as from_the_end
    from {{ ref('stg_record__figures') }}

),

first_runs as (

    select
        figure,
        definition,
        min(run) as first_run
    from published
    group by figure, definition

)

select
    named.figure,
    named.fingerprint,
    named.version,
    named.name,
    named.valid_since,
    named.settings,
    named.definition,
    coalesce(first_runs.first_run, {{ name_of_this_run() }}) as first_run,
    coalesce(published.definition <> named.definition, false) as is_changed
from named
left join published
    on
        named.figure = published.figure
        and published.from_the_end = 1
left join first_runs
    on
        named.figure = first_runs.figure
        and named.definition = first_runs.definition
