-- Plug-ins: works that are licensed as low-rank adapters of a model, and what was made of their use.
-- Rows are added and never changed.
create table adapter (
  sha256     char(64) primary key,
  created_at timestamptz not null,
  bytes      bigint not null,
  parameters bigint not null,
  rank       integer not null check (rank >= 1),
  layers     text[] not null
);

comment on table adapter is 'what the service saw in a file; the file itself is not kept';

create table plug_in (
  sequence        bigint generated always as identity primary key,
  id              uuid not null unique,
  created_at      timestamptz not null,
  index_id        text not null,
  base_sha256     char(64) not null,
  adapter_sha256  char(64) not null unique,
  holder_id       uuid not null references rights_holder (id),
  title           text not null,
  description     text not null,
  terms           text not null,
  replaces        uuid unique references plug_in (id),
  words           tsvector not null,
  embedding       real[] not null,
  embedding_model text not null
);

comment on column plug_in.sequence is 'plug-ins are entered one at a time, so what is at most a number never grows';
comment on column plug_in.base_sha256 is 'the checkpoint of the index when the plug-in was registered';
comment on column plug_in.words is 'title, description, ids and titles of its works, name of its holder, as they were then';
comment on column plug_in.embedding is 'of title and description, norm 1';

create index plug_in_words on plug_in using gin (words);

create table plug_in_work (
  plug_in uuid not null references plug_in (id),
  work    text not null,
  ppm     integer not null check (ppm between 1 and 1000000),
  primary key (plug_in, work)
);

comment on column plug_in_work.ppm is 'part of the plug-in, parts per million; all of a plug-in sum to a million';

create index plug_in_work_work on plug_in_work (work);

create table plug_in_identifier (
  scheme  text not null,
  value   text not null,
  plug_in uuid not null references plug_in (id),
  primary key (scheme, value)
);

create table usage_event (
  sequence       bigint generated always as identity primary key,
  id             uuid not null unique,
  created_at     timestamptz not null,
  plug_in        uuid not null references plug_in (id),
  key            text not null unique,
  output_sha256  char(64) not null,
  weight_micros  bigint not null check (weight_micros between 1 and 1000000000),
  charged_as     text references batch_output (key)
);

comment on column usage_event.key is 'a use is metered once: the same key is the same event';
comment on column usage_event.weight_micros is 'the weight the adapter was merged with, millionths';
comment on column usage_event.charged_as is 'the output of a batch that declared the use; null where it was metered as it happened';

create index usage_event_output on usage_event (output_sha256);
create index usage_event_plug_in on usage_event (plug_in, sequence);

do $$
declare
  name text;
begin
  foreach name in array array['adapter', 'plug_in', 'plug_in_work', 'plug_in_identifier', 'usage_event'] loop
    execute format('create trigger %I before update or delete or truncate on %I for each statement execute function credit_is_append_only()',
      name || '_append_only', name);
  end loop;
end
$$;
