-- What mapping SQL may call besides DuckDB's own functions. Files are read from the source folder
-- only, wherever the command is run: DuckDB's own file_search_path would prefer a file of the same
-- name in the working directory.
create macro source_file(name) as getvariable('source_dir') || '/' || name;

create macro source_csv(name) as table
    select * from read_csv(
        getvariable('source_dir') || '/' || name,
        all_varchar = true, header = true, skip = 0, delim = ',', quote = '"', escape = '"'
    );

-- A time with its zone as the landing writes it; what is no time stays for the landing to reject.
create macro utc(text) as
    coalesce(cast(cast(try_cast(text as timestamptz) as timestamp) as varchar), text);

create macro day_of(text) as
    coalesce(cast(cast(cast(try_cast(text as timestamptz) as timestamp) as date) as varchar), text);

-- A clock on the wall of a zone, such as Europe/Rome, as UTC.
create macro wall_to_utc(text, zone) as
    coalesce(cast(cast(timezone(zone, try_cast(text as timestamp)) as timestamp) as varchar), text);

create macro is_true(text) as lower(text) in ('true', 't', '1', 'yes');

-- `9 - Very likely`, `10/10`, `9,0` and `9 (Extremely likely)` as 9; else as it is.
create macro score_of(text) as
    coalesce(
        nullif(
            replace(
                regexp_extract(
                    text,
                    '^\s*(\d{1,2}([.,]\d+)?)\s*(/\s*\d+|[-–—:=.)(].*|\s+[^\d\s].*)?$',
                    1
                ),
                ',',
                '.'
            ),
            ''
        ),
        text
    );

-- An amount in the smallest unit of its currency, as payment tools count.
create macro from_minor(amount, currency) as
    cast(
        try_cast(amount as decimal(18, 4))
        / case
            when upper(currency) in (
                'BIF', 'CLP', 'DJF', 'GNF', 'JPY', 'KMF', 'KRW', 'MGA', 'PYG', 'RWF', 'UGX',
                'VND', 'VUV', 'XAF', 'XOF', 'XPF'
            ) then 1
            else 100
        end
        as decimal(18, 2)
    );

-- One way to write an e-mail address, hashed: what two tools compare.
create macro email_hash(email) as
    case when email like '%_@_%' then sha256(lower(trim(email))) end;

-- Of what was answered to questions that may ask for the score, the first that begins with a number.
create macro first_score(answers) as
    score_of(list_filter(answers, lambda answer: regexp_matches(answer, '^\s*\d'))[1]);
