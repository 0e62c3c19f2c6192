-- Checkpoints of the log that a time-stamp authority has stamped (RFC 3161). Rows are added and never
-- changed.
create table log_stamp (
  key_sha256 char(64) not null,
  size       bigint not null check (size >= 1),
  checkpoint text not null,
  token      bytea not null,
  at         timestamptz not null,
  authority  text not null,
  serial     text not null,
  primary key (key_sha256, size)
);

comment on column log_stamp.key_sha256 is 'fingerprint of the key that signed the checkpoint';
comment on column log_stamp.size is 'events of the log at that checkpoint';
comment on column log_stamp.checkpoint is 'signed note; what the token is of, byte for byte';
comment on column log_stamp.token is 'DER';
comment on column log_stamp.at is 'the authority''s time';
comment on column log_stamp.authority is 'subject of the certificate that signed the token';

create trigger log_stamp_append_only before update or delete or truncate on log_stamp
  for each statement execute function credit_is_append_only();
