-- Who may ask. Of a key only a hash of its secret is kept. A key is made, used and revoked, and its
-- row stays, so that whoever reads the log finds who an actor was.
create table api_key (
  id            char(12) primary key check (id ~ '^[0-9a-f]{12}$'),
  name          text not null,
  roles         text[] not null check (cardinality(roles) > 0),
  reviewer_id   uuid references reviewer (id),
  secret_sha256 char(64) not null,
  created_at    timestamptz not null,
  expires_at    timestamptz,
  revoked_at    timestamptz,
  last_used_at  timestamptz
);

comment on column api_key.reviewer_id is 'the one person that the key labels as; null for any';
comment on column api_key.secret_sha256 is 'of 256 random bits, so that it needs neither salt nor stretching';
comment on column api_key.last_used_at is 'to the hour';

create function api_key_changes_little() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and tg_level = 'ROW'
    and (new.id, new.name, new.roles, new.secret_sha256, new.created_at)
      = (old.id, old.name, old.roles, old.secret_sha256, old.created_at)
    and new.reviewer_id is not distinct from old.reviewer_id
    and new.expires_at is not distinct from old.expires_at
    and (old.revoked_at is null or new.revoked_at = old.revoked_at) then
    return new;
  end if;
  raise exception 'a key is made, used and revoked, and never changed; % is refused', tg_op
    using errcode = 'integrity_constraint_violation';
end
$$;

create trigger api_key_changes before update or delete on api_key
  for each row execute function api_key_changes_little();
create trigger api_key_stays before truncate on api_key
  for each statement execute function api_key_changes_little();

-- Whose a batch is: its outputs are attributed later, and in their name.
alter table batch add column actor text not null default 'unauthenticated';
alter table batch alter column actor drop default;
comment on column batch.actor is 'who sent it, as in the log';
