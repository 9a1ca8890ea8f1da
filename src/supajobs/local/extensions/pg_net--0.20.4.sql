\echo Use "create extension pg_net" to load this file. \quit

create schema net;

create domain net.http_method as text
check (value ilike 'get' or value ilike 'post' or value ilike 'delete');

create unlogged table net.http_request_queue (
    id bigserial,
    method net.http_method not null,
    url text not null,
    headers jsonb,
    body bytea,
    timeout_milliseconds int not null
);

create unlogged table net._http_response (
    id bigint,
    status_code int,
    content_type text,
    headers jsonb,
    content text,
    timed_out bool,
    error_msg text,
    created timestamptz not null default now()
);
create index on net._http_response (created);

create function net._urlencode_string(string text) returns text
language sql immutable strict set search_path = '' as $$
    select string_agg(
        case
            when character ~ '[A-Za-z0-9_.~-]' then character
            else regexp_replace(
                upper(encode(convert_to(character, 'UTF8'), 'hex')), '(..)', '%\1', 'g'
            )
        end, ''
    )
    from regexp_split_to_table(string, '') as character
$$;

create function net._with_params(url text, params jsonb) returns text
language sql immutable set search_path = '' as $$
    select url || coalesce(
        case when position('?' in url) > 0 then '&' else '?' end || string_agg(
            net._urlencode_string(key) || '=' || coalesce(net._urlencode_string(value), ''), '&'
        ), ''
    )
    from jsonb_each_text(params)
$$;

create function net._enqueue(
    method text, url text, headers jsonb, body bytea, timeout_milliseconds int
) returns bigint
language sql set search_path = '' as $$
    insert into net.http_request_queue (method, url, headers, body, timeout_milliseconds)
    values (method, url, headers, body, timeout_milliseconds)
    returning id
$$;

create function net.http_get(
    url text, params jsonb default '{}'::jsonb, headers jsonb default '{}'::jsonb,
    timeout_milliseconds int default 5000
) returns bigint
language sql set search_path = '' as $$
    select net._enqueue(
        'GET', net._with_params(url, params), headers, null, timeout_milliseconds
    )
$$;

create function net.http_post(
    url text, body jsonb default '{}'::jsonb, params jsonb default '{}'::jsonb,
    headers jsonb default '{"Content-Type": "application/json"}'::jsonb,
    timeout_milliseconds int default 5000
) returns bigint
language plpgsql set search_path = '' as $$
declare
    content_type text := (
        select value from jsonb_each_text(coalesce(headers, '{}'))
        where lower(key) = 'content-type' limit 1
    );
begin
    if content_type is null then
        headers := coalesce(headers, '{}') || '{"Content-Type": "application/json"}';
    elsif content_type <> 'application/json' then
        raise exception 'Content-Type header must be "application/json"';
    end if;
    return net._enqueue(
        'POST', net._with_params(url, params), headers, convert_to(body::text, 'UTF8'),
        timeout_milliseconds
    );
end $$;

create function net.http_delete(
    url text, params jsonb default '{}'::jsonb, headers jsonb default '{}'::jsonb,
    timeout_milliseconds int default 5000, body jsonb default null
) returns bigint
language sql set search_path = '' as $$
    select net._enqueue(
        'DELETE', net._with_params(url, params), headers, convert_to(body::text, 'UTF8'),
        timeout_milliseconds
    )
$$;

-- As the real extension does it.
grant usage on schema net to public;
grant all on all sequences in schema net to public;
grant all on all tables in schema net to public;
