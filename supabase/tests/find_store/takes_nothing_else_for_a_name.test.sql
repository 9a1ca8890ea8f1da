begin;
select plan(1);

select tests.make_store();
create temp table named as
select '' as name
union all
values
(' '), ('app.'), ('.store_story'), ('app.store_story(jsonb, jsonb)'), ('app.store_story(text)'),
('a.b.c.d'), ('"'), ('app.store_story; drop table app.stories'), ('app."store_story'),
('app.store_story(jsonb, jsonb) --'), (e'app.\nstore_story(\n'), (repeat('x', 10000));

select is_empty(
  'select name from named where supajobs.find_store(name) is not null', 'and raises no error'
);

select * from finish();
rollback;
