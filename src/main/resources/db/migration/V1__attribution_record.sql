-- What was answered, word for word. Rows are added and never changed: who needs a correction adds
-- another record.
create table attribution_record (
  id             uuid primary key,
  created_at     timestamptz not null,
  index_id       text not null,
  request_sha256 char(64) not null,
  body           bytea not null,
  body_sha256    char(64) not null
);

comment on column attribution_record.id is 'time-ordered (RFC 9562, version 7), as in the body';
comment on column attribution_record.index_id is 'the index that answered';
comment on column attribution_record.request_sha256 is 'of the request body as it was received';
comment on column attribution_record.body is 'the answer, exactly the bytes that were sent';
comment on column attribution_record.body_sha256 is 'of body';

create index attribution_record_created_at on attribution_record (created_at);

create function attribution_record_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'attribution records are append-only; % is refused', tg_op
    using errcode = 'integrity_constraint_violation';
end
$$;

create trigger attribution_record_append_only
  before update or delete or truncate on attribution_record
  for each statement execute function attribution_record_is_append_only();
