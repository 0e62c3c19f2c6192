-- Long work. A row follows its job from queued to its end, and never changes after that.
create table job (
  id               uuid primary key,
  kind             text not null check (kind in ('experiment')),
  created_at       timestamptz not null,
  state            text not null check (state in ('queued', 'running', 'finished', 'failed', 'cancelled')),
  attempts         integer not null check (attempts >= 0),
  started_at       timestamptz,
  ended_at         timestamptz,
  cancel_requested boolean not null,
  detail           text,
  check ((ended_at is not null) = (state in ('finished', 'failed', 'cancelled')))
);

comment on column job.attempts is 'how often it was begun and not put back by an orderly end of the service';
comment on column job.started_at is 'of the latest attempt';
comment on column job.detail is 'why it failed, one sentence';

create index job_open on job (id) where ended_at is null;

create function job_has_ended() returns trigger language plpgsql as $$
begin
  raise exception 'an ended job never changes, and none is removed; % is refused', tg_op
    using errcode = 'integrity_constraint_violation';
end
$$;

create trigger job_has_ended before update on job
  for each row when (old.ended_at is not null) execute function job_has_ended();
create trigger job_is_kept before delete or truncate on job
  for each statement execute function job_has_ended();

-- What was asked for, with every default filled in: enough to ask for it again.
create table experiment (
  id         uuid primary key,
  created_at timestamptz not null,
  job_id     uuid not null unique references job (id),
  suite      text not null,
  methods    text[] not null,
  seeds      bigint[] not null,
  repeats    uuid references experiment (id)
);

comment on column experiment.id is 'time-ordered (RFC 9562, version 7)';
comment on column experiment.repeats is 'the experiment whose request this one has';

-- What was measured, word for word.
create table experiment_report (
  experiment_id   uuid primary key references experiment (id),
  created_at      timestamptz not null,
  document        bytea not null,
  document_sha256 char(64) not null,
  csv             bytea not null,
  csv_sha256      char(64) not null,
  data_sha256     text,
  whence_version  text not null,
  java_version    text not null,
  platform        text not null
);

comment on column experiment_report.document is 'the report in JSON, exactly the bytes that are sent';
comment on column experiment_report.data_sha256 is 'of the examples that were trained on and asked about';

create table experiment_plot (
  id            uuid primary key,
  experiment_id uuid not null references experiment (id),
  name          text not null,
  svg           bytea not null,
  svg_sha256    char(64) not null,
  unique (experiment_id, name)
);

create function experiment_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'experiments and their reports are append-only; % is refused', tg_op
    using errcode = 'integrity_constraint_violation';
end
$$;

create trigger experiment_append_only before update or delete or truncate on experiment
  for each statement execute function experiment_is_append_only();
create trigger experiment_report_append_only before update or delete or truncate on experiment_report
  for each statement execute function experiment_is_append_only();
create trigger experiment_plot_append_only before update or delete or truncate on experiment_plot
  for each statement execute function experiment_is_append_only();
