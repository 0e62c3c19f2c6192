-- An append-only log of what was done: canonical JSON, leaves of a Merkle tree (RFC 6962). An event
-- holds no payload, only a commitment to one: whoever deletes the salt makes it say nothing.
create table log_head (
  one  integer primary key check (one = 1),
  name text not null,
  size bigint not null
);

comment on table log_head is 'one row; who appends holds it until commit, so places have no gaps';
comment on column log_head.name is 'the log''s name, in its checkpoints';
comment on column log_head.size is 'how many events there are';

insert into log_head values (1, 'whence/' || replace(gen_random_uuid()::text, '-', ''), 0);

create table log_event (
  sequence bigint primary key,
  kind     text not null,
  subject  text not null,
  event    bytea not null,
  leaf     bytea not null check (length(leaf) = 32)
);

comment on column log_event.sequence is 'place in the log, from 0';
comment on column log_event.kind is 'what happened, as in the event';
comment on column log_event.subject is 'what it happened to, as in the event';
comment on column log_event.event is 'canonical JSON (RFC 8785)';
comment on column log_event.leaf is 'SHA-256 of a zero byte and the event';

create index log_event_subject on log_event (subject);

create table log_salt (
  sequence bigint primary key references log_event,
  salt     bytea not null check (length(salt) = 32)
);

comment on table log_salt is 'salts of the events'' commitments; deleting one erases what its event says';

create function log_event_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'log events are append-only; % is refused', tg_op
    using errcode = 'integrity_constraint_violation';
end
$$;

create trigger log_event_append_only
  before update or delete or truncate on log_event
  for each statement execute function log_event_is_append_only();
