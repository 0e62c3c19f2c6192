-- What people hold of outputs. Rows are added and never changed: a correction is another row.
create table reviewer (
  id         uuid primary key,
  created_at timestamptz not null,
  name       text not null,
  role       text not null
);

comment on column reviewer.id is 'who knows it may label as the reviewer; others are shown a pseudonym';

create table review (
  sequence       bigint generated always as identity primary key,
  id             uuid not null unique,
  created_at     timestamptz not null,
  attribution_id uuid not null references attribution_record (id),
  reviewer_id    uuid not null references reviewer (id),
  version        integer not null check (version >= 1),
  label          text not null check (label in ('no', 'marginal', 'mixed', 'yes', 'highly')),
  reason         text not null,
  work           text,
  title          text,
  passage        text,
  unique (attribution_id, reviewer_id, version)
);

comment on column review.version is 'the highest counts; two that correct at once collide';
comment on column review.passage is 'of the closest work, as the reviewer was shown it';

create table reassessment (
  attribution_id uuid primary key references attribution_record (id),
  created_at     timestamptz not null,
  earlier        uuid not null references attribution_record (id),
  reviews        uuid[] not null,
  reviews_sha256 char(64) not null,
  unique (earlier, reviews_sha256)
);

comment on table reassessment is 'a record with the risk assessed again by reviews of an earlier one';
comment on column reassessment.reviews_sha256 is 'of their ids, sorted, with spaces between: the same reviews have the same record';

create function review_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'rows of % are append-only; % is refused', tg_table_name, tg_op
    using errcode = 'integrity_constraint_violation';
end
$$;

create trigger reviewer_append_only before update or delete or truncate on reviewer
  for each statement execute function review_is_append_only();
create trigger review_append_only before update or delete or truncate on review
  for each statement execute function review_is_append_only();
create trigger reassessment_append_only before update or delete or truncate on reassessment
  for each statement execute function review_is_append_only();
