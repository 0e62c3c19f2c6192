-- What an answer says can be erased, on request and with a reason; that it was given stays. What is
-- under a legal hold is not erased.
create table erasure (
  id     uuid primary key,
  kind   text not null check (kind in ('attribution', 'screening')),
  at     timestamptz not null,
  actor  text not null,
  reason text not null,
  event  bigint not null unique references log_event
);

comment on column erasure.id is 'of the record whose payload was erased';
comment on column erasure.actor is 'who asked for it';
comment on column erasure.event is 'of the log, which commits to the reason';

create table legal_hold (
  event   bigint primary key references log_event,
  subject uuid not null,
  kind    text not null check (kind in ('attribution', 'screening', 'statement')),
  matter  text not null,
  at      timestamptz not null,
  actor   text not null,
  reason  text not null
);

comment on table legal_hold is 'who places a hold holds the log''s head, so that no erasure slips past it';
comment on column legal_hold.subject is 'what is held; with a statement, the attributions of its outputs are, too';
comment on column legal_hold.matter is 'the dispute, by the name that its lawyers give it';

create index legal_hold_subject on legal_hold (subject);

create table legal_hold_release (
  hold   bigint primary key references legal_hold (event),
  event  bigint not null unique references log_event,
  at     timestamptz not null,
  actor  text not null,
  reason text not null
);

do $$
declare
  name text;
begin
  foreach name in array array['erasure', 'legal_hold', 'legal_hold_release'] loop
    execute format('create trigger %I before update or delete or truncate on %I for each statement execute function credit_is_append_only()',
      name || '_append_only', name);
  end loop;
end
$$;

-- Records stay append-only but for that one change.
alter table attribution_record alter column body drop not null;
alter table attribution_record alter column body_sha256 drop not null;
alter table attribution_record alter column request_sha256 drop not null;
alter table screening_record alter column body drop not null;
alter table screening_record alter column body_sha256 drop not null;
alter table screening_record alter column request_sha256 drop not null;
alter table attribution_key alter column request_sha256 drop not null;
alter table batch_output alter column request drop not null;

drop trigger attribution_record_append_only on attribution_record;
drop trigger screening_record_append_only on screening_record;
drop trigger attribution_key_append_only on attribution_key;
drop trigger batch_output_append_only on batch_output;

create trigger attribution_record_append_only before delete or truncate on attribution_record
  for each statement execute function attribution_record_is_append_only();
create trigger screening_record_append_only before delete or truncate on screening_record
  for each statement execute function screening_record_is_append_only();
create trigger attribution_key_append_only before delete or truncate on attribution_key
  for each statement execute function credit_is_append_only();
create trigger batch_output_append_only before delete or truncate on batch_output
  for each statement execute function credit_is_append_only();

create function attribution_record_is_erased() returns trigger language plpgsql as $$
begin
  if new.id = old.id and new.created_at = old.created_at and new.index_id = old.index_id
    and new.body is null and new.body_sha256 is null and new.request_sha256 is null
    and exists (select 1 from erasure where id = old.id and kind = 'attribution') then
    return new;
  end if;
  raise exception 'attribution records are append-only; % is refused', tg_op
    using errcode = 'integrity_constraint_violation';
end
$$;

create function screening_record_is_erased() returns trigger language plpgsql as $$
begin
  if new.id = old.id and new.created_at = old.created_at and new.index_id = old.index_id
    and new.verdict = old.verdict
    and new.body is null and new.body_sha256 is null and new.request_sha256 is null
    and exists (select 1 from erasure where id = old.id and kind = 'screening') then
    return new;
  end if;
  raise exception 'screening records are append-only; % is refused', tg_op
    using errcode = 'integrity_constraint_violation';
end
$$;

create function attribution_key_is_erased() returns trigger language plpgsql as $$
begin
  if new.key = old.key and new.attribution_id = old.attribution_id and new.request_sha256 is null
    and exists (select 1 from erasure where id = old.attribution_id) then
    return new;
  end if;
  raise exception 'rows of attribution_key are append-only; % is refused', tg_op
    using errcode = 'integrity_constraint_violation';
end
$$;

create function batch_output_is_erased() returns trigger language plpgsql as $$
begin
  if new.batch_id = old.batch_id and new.place = old.place and new.key = old.key and new.request is null
    and exists (select 1 from batch_usage u join erasure e on e.id = u.attribution_id where u.key = old.key) then
    return new;
  end if;
  raise exception 'rows of batch_output are append-only; % is refused', tg_op
    using errcode = 'integrity_constraint_violation';
end
$$;

create trigger attribution_record_erased before update on attribution_record
  for each row execute function attribution_record_is_erased();
create trigger screening_record_erased before update on screening_record
  for each row execute function screening_record_is_erased();
create trigger attribution_key_erased before update on attribution_key
  for each row execute function attribution_key_is_erased();
create trigger batch_output_erased before update on batch_output
  for each row execute function batch_output_is_erased();

comment on table log_salt is 'salts of the events'' commitments; erasing a record deletes those that its payload could be guessed by';

-- The event that commits to what is said of a statement.
alter table statement_event add column event bigint references log_event;
comment on column statement_event.event is 'of the log, which commits to the reason; null for those from before this column';
