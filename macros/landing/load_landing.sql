{# Loads every dataset of the contract from the folder in the var `landing` into schema landing:
   one table per dataset with its columns as text, source_file, source_row (the record's number in its
   file, the header being 1) and, where builds are continued, key_hash (row_hash of its key); and
   tables about the load itself:
     loaded_files     dataset, source_file, file_format, rows_read, file_version
     malformed_rows   dataset, source_file, source_row, raw_text
     ignored_columns  dataset, source_file, column_name
     passed_over      source_file: hidden files, lock files and others that are no data
     unread_files     source_file: files that no dataset claims
     absent_datasets  dataset
   When the last build can be continued, only files that are new, changed or gone are read or dropped
   (see landing_changes). Stops with one sentence when the folder breaks the contract.
     careful_files  CSV files (inside the landing folder) to be read line by line, because the fast
                    reader cannot take them: line ends of several kinds in one file #}
{% macro load_landing(from_scratch=false, careful_files=[]) %}
    {% set folder = var('landing') %}
    {% if not folder %}
        {% do landing_error(
            'no folder is given; say which with --landing DIR (plain dbt: --vars \'{landing: DIR}\').'
        ) %}
    {% endif %}
    {% do refuse_wrong_segments() %}
    {% do load_record() %}
    {% set continues = continue_build_or_start_anew(from_scratch) %}
    {% do begin_landing(continues) %}
    {% set files = landing_files(folder) %}
    {% set claimed = [] %}
    {% for name in landing_datasets() %}
        {% do claimed.extend(files.claimed.get(name, [])) %}
    {% endfor %}
    {% set versions = landing_file_versions(claimed) %}
    {% for name in landing_datasets() %}
        {% set dataset = landing_dataset(name) %}
        {% set its_files = files.claimed.get(name, []) %}
        {% set formats = its_files | map(attribute='format') | unique | list %}
        {% if formats | length > 1 %}
            {% do landing_error(
                name ~ ' is there as ' ~ formats | join(' and ') ~ ' in ' ~ folder
                ~ '; keep one format.'
            ) %}
        {% elif not its_files and dataset.required %}
            {% do landing_error(
                'the required dataset ' ~ name ~ ' is not in ' ~ folder ~ '; add ' ~ name
                ~ '.csv, .csv.gz, .parquet or a folder ' ~ name ~ '/ (a header and no row will do).'
            ) %}
        {% endif %}
        {% do create_landing_table(dataset, is_absent=not its_files, continues=continues) %}
        {% for file in (changed_landing_files(dataset, its_files, versions) if continues else its_files) %}
            {% do load_landing_file(dataset, file, versions.get(file.path), file.source_file in careful_files) %}
        {% endfor %}
    {% endfor %}
    {% do note_files('passed_over', files.passed_over) %}
    {% do note_files('unread_files', files.unread) %}
    {% do end_landing() %}
    {% do refuse_shared_numbers() %}
    {% do refuse_unusable_segments(files.claimed) %}
{% endmacro %}


{# For on-run-start: plain dbt loads and builds in one command; the command line loads beforehand. #}
{% macro load_landing_unless_loaded() %}
    {% if execute and var('landing') and not var('landing_is_loaded') and flags.WHICH in ('build', 'run') %}
        {% do load_landing() %}
    {% endif %}
{% endmacro %}


{# The files of a folder: those that datasets claim, by dataset, each with its path, its path inside the
   folder (source_file) and its format; those passed over; and those nobody reads. `<dataset>.csv`,
   `.csv.gz` or `.parquet` is a dataset's, and so is every such file in a folder `<dataset>`, in
   capitals or not. Notes for people (README, *.md) are nobody's and harmless. #}
{% macro landing_files(folder) %}
    {% set root = folder.rstrip('/') %}
    {% set inside = root if '://' in root else '/' ~ root.lstrip('./') %}
    {% set endings = {'.csv': 'csv', '.csv.gz': 'csv', '.parquet': 'parquet'} %}
    {% set known = landing_datasets() %}
    {% set found = {'claimed': {}, 'passed_over': [], 'unread': []} %}
    {% for path in list_landing(root) %}
        {% set source_file = path.removeprefix(root ~ '/') if path.startswith(root ~ '/') else path.split(inside ~ '/', 1)[1] %}
        {% set parts = source_file.split('/') %}
        {% set file = namespace(ending=none, dataset=parts[0] | lower, is_data=true) %}
        {% for ending in endings if parts[-1].lower().endswith(ending) %}
            {% set file.ending = ending %}
        {% endfor %}
        {% for ending in endings if file.dataset.endswith(ending) %}
            {% set file.dataset = file.dataset.removesuffix(ending) %}
        {% endfor %}
        {% for part in parts if part[:1] in ('.', '_') or part[:2] == '~$' %}
            {% set file.is_data = false %}
        {% endfor %}
        {% for ending in ('~', '.tmp', '.lock', '.crc') if parts[-1].lower().endswith(ending) %}
            {% set file.is_data = false %}
        {% endfor %}
        {% if not file.is_data or parts[-1].lower() in ('thumbs.db', 'desktop.ini') %}
            {% do found.passed_over.append(source_file) %}
        {% elif file.ending and file.dataset in known %}
            {% do found.claimed.setdefault(file.dataset, []).append({
                'path': path, 'source_file': source_file, 'format': endings[file.ending],
            }) %}
        {% elif source_file not in ('pointworth.yml', 'truth.json') and not modules.re.fullmatch(
            '(readme|licen[sc]e|changelog|notice)([.].*)?|.*[.]md', parts[-1].lower()
        ) %}
            {% do found.unread.append(source_file) %}
        {% endif %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}


{% macro note_files(table, source_files) %}
    {% for source_file in source_files %}
        {% do run_command('insert into landing.' ~ table ~ ' values (' ~ text_literal(source_file) ~ ')') %}
    {% endfor %}
{% endmacro %}


{# Checks a file's columns against the contract and appends its rows. #}
{% macro load_landing_file(dataset, file, version, is_careful) %}
    {% set columns = landing_columns(dataset, file) %}
    {% set partition_keys = landing_partition_keys(file) %}
    {% for column in dataset.columns if column.required %}
        {% if column.name not in columns.places and column.name not in partition_keys %}
            {% do landing_error(
                'the required column ' ~ column.name ~ ' is not in ' ~ file.path
                ~ '; add it to the export (columns found: ' ~ columns.header | join(', ') ~ ').'
            ) %}
        {% endif %}
    {% endfor %}
    {% for column in columns.ignored %}
        {% do run_command(
            'insert into landing.ignored_columns values (' ~ text_literal(dataset.name) ~ ', '
            ~ text_literal(file.source_file) ~ ', ' ~ text_literal(column) ~ ')'
        ) %}
    {% endfor %}
    {% do append_landing_file(dataset, file, version, columns, partition_keys, is_careful) %}
{% endmacro %}


{# What the header of a file says: its names, the place of every column of the contract among them (the
   first is 0), and the names that are ignored. Names are compared without regard to capitals and blanks
   around them; where several are meant, the one written as in the contract is taken. #}
{% macro landing_columns(dataset, file) %}
    {% set header = landing_file_columns(file) %}
    {% set places = {} %}
    {% for column in dataset.columns %}
        {% set exact, alike = [], [] %}
        {% for name in header %}
            {% if name == column.header %}
                {% do exact.append(loop.index0) %}
            {% elif name | lower == column.header %}
                {% do alike.append(loop.index0) %}
            {% endif %}
        {% endfor %}
        {% if exact | length > 1 or (not exact and alike | length > 1) %}
            {% do landing_error(
                'the column ' ~ column.header ~ ' stands twice in the header of ' ~ file.path ~ '; keep one.'
            ) %}
        {% elif exact or alike %}
            {% do places.update({column.name: (exact or alike)[0]}) %}
        {% endif %}
    {% endfor %}
    {% set ignored = [] %}
    {% for name in header %}
        {% set shown = name or '(a column without a name)' %}
        {% if loop.index0 not in places.values() and shown not in ignored %}
            {% do ignored.append(shown) %}
        {% endif %}
    {% endfor %}
    {{ return({'header': header, 'places': places, 'ignored': ignored}) }}
{% endmacro %}


{# The column names of a file. A header may stand on several lines, when a name holds a line break. #}
{% macro landing_file_columns(file) %}
    {% if file.format == 'parquet' %}
        {{ return(landing_parquet_columns(file)) }}
    {% endif %}
    {% set header = namespace(text='', is_whole=false) %}
    {% for line in landing_file_header(file) if not header.is_whole %}
        {% set header.text = header.text ~ ('\n' if header.text else '') ~ (line or '') %}
        {% set header.is_whole = header.text.strip() and header.text.count('"') % 2 == 0 %}
    {% endfor %}
    {% if not header.text.strip() %}
        {% do landing_error('the file ' ~ file.path ~ ' is empty; write at least its header row.') %}
    {% elif not header.is_whole %}
        {% do landing_error('a quote is left open in the header of ' ~ file.path ~ '; close it.') %}
    {% endif %}
    {% set names = [] %}
    {% for part in modules.re.findall('("(?:[^"]|"")*"[^,]*|[^,]*),', header.text.lstrip('\ufeff') ~ ',') %}
        {% set name = part.strip() %}
        {% if name[:1] == '"' and name[-1:] == '"' %}
            {% set name = name[1:-1].replace('""', '"') %}
        {% endif %}
        {% do names.append(name.split() | join(' ')) %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}


{# Keys of Hive partitions in a file's path, such as currency=EUR/. #}
{% macro landing_partition_keys(file) %}
    {% set keys = [] %}
    {% for part in file.source_file.split('/')[:-1] if '=' in part %}
        {% do keys.append(part.split('=')[0]) %}
    {% endfor %}
    {{ return(keys) }}
{% endmacro %}


{# The value of every column of the contract: of the field in its place, of the file's path, or NULL.
   *fields* are expressions, in the order of the header. #}
{% macro landing_values(dataset, file, columns, partition_keys, fields) %}
    {% set values = [] %}
    {% for column in dataset.columns %}
        {% if column.name in columns.places %}
            {% set value = fields[columns.places[column.name]] %}
        {% elif column.header in partition_keys %}
            {% set value = 'nullif(regexp_extract(' ~ text_literal(file.source_file) ~ ", '" ~ column.header
                ~ "=([^/]*)/', 1), '__HIVE_DEFAULT_PARTITION__')" %}
        {% else %}
            {% set value = 'cast(null as ' ~ dbt.type_string() ~ ')' %}
        {% endif %}
        {% do values.append(value ~ ' as ' ~ column.name) %}
    {% endfor %}
    {{ return(values) }}
{% endmacro %}


{% macro landing_error(sentence) %}
    {% do exceptions.raise_compiler_error('Landing: ' ~ sentence) %}
{% endmacro %}
