-- Credit: who owns what, outputs charged to a month, and statements. Rows are added and never
-- changed: who needs a correction adds another row.
alter table job drop constraint job_kind_check;
alter table job add constraint job_kind_check check (kind in ('experiment', 'batch'));

-- Two requests with one key make one record.
create table attribution_key (
  key            text primary key,
  request_sha256 char(64) not null,
  attribution_id uuid not null unique references attribution_record (id)
);

create table rights_holder (
  id         uuid primary key,
  created_at timestamptz not null,
  name       text not null
);

create table rights_holder_identifier (
  scheme    text not null,
  value     text not null,
  holder_id uuid not null references rights_holder (id),
  primary key (scheme, value)
);

create table work_registration (
  sequence      bigint generated always as identity primary key,
  id            uuid not null unique,
  created_at    timestamptz not null,
  work          text not null,
  title         text,
  licence       text,
  public_domain boolean not null
);

comment on column work_registration.sequence is 'registrations are entered one at a time, so what is at most a number never grows';
comment on column work_registration.work is 'the id that the corpus has for it; the latest registration counts';

create index work_registration_work on work_registration (work, sequence desc);

create table work_part (
  registration bigint not null references work_registration (sequence),
  holder_id    uuid not null references rights_holder (id),
  role         text not null,
  ppm          integer not null check (ppm between 1 and 1000000),
  disputed     boolean not null,
  primary key (registration, holder_id, role)
);

create table work_identifier (
  registration bigint not null references work_registration (sequence),
  scheme       text not null,
  value        text not null,
  primary key (registration, scheme, value)
);

create index work_identifier_value on work_identifier (value);

create table batch (
  id              uuid primary key,
  created_at      timestamptz not null,
  job_id          uuid not null unique references job (id),
  index_id        text not null,
  period          char(7) not null check (period ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'),
  idempotency_key text unique,
  request_sha256  char(64) not null,
  outputs         integer not null check (outputs between 1 and 10000)
);

comment on column batch.period is 'the calendar month, UTC, that its outputs are charged to';

create index batch_period on batch (index_id, period);

create table batch_output (
  batch_id uuid not null references batch (id),
  place    integer not null,
  key      text not null unique,
  request  bytea not null,
  primary key (batch_id, place)
);

comment on column batch_output.key is 'an output is charged once, whichever batch brings it';
comment on column batch_output.request is 'text, prompt, topK, what is declared: JSON';

create table batch_usage (
  key            text primary key references batch_output (key),
  attribution_id uuid not null unique references attribution_record (id),
  usage          bytea not null
);

comment on column batch_usage.usage is 'what the output gives each work: canonical JSON, a leaf of the statement''s tree';

create table statement (
  id               uuid primary key,
  created_at       timestamptz not null,
  index_id         text not null,
  period           char(7) not null,
  version          integer not null check (version >= 1),
  supersedes       uuid unique references statement (id),
  document         bytea not null,
  document_sha256  char(64) not null,
  statement_sha256 char(64) not null,
  objections_until date not null,
  unique (index_id, period, version),
  check ((version = 1) = (supersedes is null))
);

comment on table statement is 'two services never issue two statements for one month: the unique key refuses the second';
comment on column statement.statement_sha256 is 'of the part without ids and times: the same inputs have the same';

create table statement_event (
  statement_id uuid not null references statement (id),
  place        integer not null check (place >= 1),
  at           timestamptz not null,
  kind         text not null check (kind in ('contested', 'recomputed', 'settled')),
  actor        text not null,
  reason       text not null,
  successor    uuid references statement (id),
  primary key (statement_id, place),
  check ((kind = 'recomputed') = (successor is not null))
);

comment on table statement_event is 'what became of a statement; where two say it at once, the key refuses the second';

create function credit_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'rows of % are append-only; % is refused', tg_table_name, tg_op
    using errcode = 'integrity_constraint_violation';
end
$$;

do $$
declare
  name text;
begin
  foreach name in array array['attribution_key', 'rights_holder', 'rights_holder_identifier', 'work_registration',
    'work_part', 'work_identifier', 'batch', 'batch_output', 'batch_usage', 'statement', 'statement_event'] loop
    execute format('create trigger %I before update or delete or truncate on %I for each statement execute function credit_is_append_only()',
      name || '_append_only', name);
  end loop;
end
$$;
