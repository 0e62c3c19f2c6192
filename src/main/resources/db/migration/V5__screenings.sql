-- What was let through, flagged or blocked, word for word. Rows are added and never changed.
create table screening_record (
  id             uuid primary key,
  created_at     timestamptz not null,
  index_id       text not null,
  verdict        text not null check (verdict in ('allow', 'flag', 'block')),
  request_sha256 char(64) not null,
  body           bytea not null,
  body_sha256    char(64) not null
);

comment on column screening_record.id is 'time-ordered (RFC 9562, version 7), as in the body';
comment on column screening_record.index_id is 'the index that answered';
comment on column screening_record.request_sha256 is 'of the request body as it was received';
comment on column screening_record.body is 'the answer, exactly the bytes that were sent';

create index screening_record_created_at on screening_record (created_at);

create function screening_record_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'screening records are append-only; % is refused', tg_op
    using errcode = 'integrity_constraint_violation';
end
$$;

create trigger screening_record_append_only
  before update or delete or truncate on screening_record
  for each statement execute function screening_record_is_append_only();
