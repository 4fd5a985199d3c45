"""The schema itself: every tenant's table behind a forced policy, the tenant first in every key."""

from tests.api.world import World

WITHOUT_TENANT = {"tenants", "signing_keys", "alembic_version"}
MINE = "(tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)"
OF_TENANT = (
    "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'tenant_id'"
)
TABLES = "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public'"


def test_every_table_has_a_tenant_and_a_forced_policy(world: World) -> None:
    tables = {
        row[0]: row[1:]
        for row in world.sql(f"SELECT relname, relrowsecurity, relforcerowsecurity {TABLES} AND relkind IN ('r', 'p')")
    }
    with_tenant = {row[0] for row in world.sql(OF_TENANT)}
    assert set(tables) - with_tenant == WITHOUT_TENANT
    assert {name for name in with_tenant if tables[name] != ["t", "t"]} == set()
    policies = world.sql(
        "SELECT tablename, permissive, roles, cmd, qual, with_check FROM pg_policies WHERE schemaname = 'public'"
    )
    assert {row[0] for row in policies} == with_tenant
    assert len(policies) == len(with_tenant)
    for row in policies:
        assert row[1:] == ["PERMISSIVE", "{public}", "ALL", MINE, MINE], row


def test_the_tenant_leads_every_key_and_index(world: World) -> None:
    rows = world.sql(
        """
        SELECT t.relname, i.relname, a.attname, am.amname FROM pg_index x
        JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
        JOIN pg_namespace n ON n.oid = t.relnamespace JOIN pg_am am ON am.oid = i.relam
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[0]
        WHERE n.nspname = 'public'
        """
    )
    wrong = [row for row in rows if row[0] not in WITHOUT_TENANT and row[2:] != ["tenant_id", "btree"]]
    assert rows
    assert wrong == []


def test_foreign_keys_carry_the_tenant(world: World) -> None:
    rows = world.sql(
        """
        SELECT c.conname, t.relname, f.relname, a.attname FROM pg_constraint c
        JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class f ON f.oid = c.confrelid
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.conkey[1]
        JOIN pg_namespace n ON n.oid = t.relnamespace
        WHERE c.contype = 'f' AND n.nspname = 'public'
        """
    )
    assert {row[3] for row in rows} == {"tenant_id"}
    assert {row[2] for row in rows} & WITHOUT_TENANT == {"tenants"}


def test_nothing_that_a_distributed_database_would_not_take(world: World) -> None:
    counts = world.sql(
        f"""
        SELECT (SELECT count(*) {TABLES} AND relkind = 'S'), (SELECT count(*) {TABLES} AND relkind IN ('v', 'm')),
               (SELECT count(*) FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
                JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND NOT g.tgisinternal),
               (SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'public')
        """
    )
    assert counts == [["0", "0", "0", "0"]]


def test_distribute_names_every_table_with_a_tenant(world: World) -> None:
    told = world.cli("distribute")
    with_tenant = {row[0] for row in world.sql(OF_TENANT)}
    assert {line.split("'")[1] for line in told.splitlines() if "create_distributed_table" in line} == with_tenant
    assert "create_reference_table('tenants')" in told
    refused = world.cli("distribute", "--apply", code=1)
    assert "no Citus extension" in refused


def test_the_applications_role_owns_nothing_and_bypasses_nothing(world: World) -> None:
    rights = world.sql(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = 'autolytiq_app'"
    )
    assert rights == [["f", "f", "f", "f"]]
    owned = world.sql(f"SELECT count(*) {TABLES} AND pg_get_userbyid(relowner) = 'autolytiq_app'")
    assert owned == [["0"]]


def test_history_and_audit_only_grow(world: World) -> None:
    rows = world.sql(
        "SELECT table_name, privilege_type FROM information_schema.role_table_grants"
        " WHERE grantee = 'autolytiq_app' ORDER BY 1, 2"
    )
    for table in ("audit", "revisions", "deal_differences"):
        assert [row[1] for row in rows if row[0] == table] == ["INSERT", "SELECT"]


def test_without_a_tenant_no_row_is_seen_and_with_one_none_of_another_is_written(world: World) -> None:
    assert world.sql("SELECT count(*) FROM users", role="autolytiq_app") == [["0"]]
    assert world.sql("SELECT count(*) FROM users", role="autolytiq_owner") == [["0"]]
    own = f"BEGIN; SET LOCAL app.tenant_id = '{world.north.id}';"
    seen = world.sql(
        own + "SELECT count(DISTINCT tenant_id), min(tenant_id::text) FROM users; COMMIT", role="autolytiq_app"
    )
    assert seen == [["1", world.north.id]]
    values = f"('{world.south.id}', gen_random_uuid(), 'X', 'X', 'TX')"
    foreign = f"INSERT INTO rooftops (tenant_id, id, code, name, state) VALUES {values}"
    try:
        world.sql(own + foreign, role="autolytiq_app")
        raise AssertionError("another tenant's row was written")
    except RuntimeError as error:
        assert "row-level security" in str(error)
    hidden = world.sql(
        own + f"UPDATE rooftops SET name = 'Taken' WHERE tenant_id = '{world.south.id}' RETURNING 1; COMMIT",
        role="autolytiq_app",
    )
    assert hidden == []
