-- How many rights holders an experiment leaves out, where its suite leaves any out. Before this, 30.
alter table experiment add column rights_holders integer check (rights_holders > 0);

comment on column experiment.rights_holders is 'those with most tokens; null where the suite leaves none out, and in rows of before';
