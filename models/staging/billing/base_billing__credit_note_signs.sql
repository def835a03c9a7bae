{# How the credit notes of a file are signed. Tools that export them without a sign do so in all of
   a file: then they are made negative. Where signs are mixed a positive one may be meant (a credit
   note taken back), so all are left as they are. #}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook=[
        "{{ touch_lines_of_turned_files() }}",
        "{% if is_incremental() %}delete from {{ this }}{% endif %}"
    ]
) }}

{{ credit_note_signs() }}
