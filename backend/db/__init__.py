"""The database: engine, the tenant's transaction, tables and migrations."""
