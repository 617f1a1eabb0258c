-- Whether a create for a row was in doubt is asked for each one that HubSpot refuses.
CREATE INDEX op_create_doubt ON op(sync_id, row_key) WHERE doubt = 1 AND kind = 'create';
