"""Tenants, people, documents, revisions, audit: every tenant's row behind a forced policy."""

from alembic import context, op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# No tenant: the list of dealer groups (read before sign-in) and the keys that sign tokens.
GLOBAL = {
    "tenants": """
        id uuid PRIMARY KEY,
        slug text NOT NULL UNIQUE,
        name text NOT NULL,
        status text NOT NULL CHECK (status IN ('active', 'suspended', 'deleted')),
        rev integer NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        changed_at timestamptz NOT NULL DEFAULT now()
    """,
    "signing_keys": """
        kid uuid PRIMARY KEY,
        sealed bytea NOT NULL,
        public bytea NOT NULL,
        created_at timestamptz NOT NULL,
        signs_until timestamptz NOT NULL,
        verifies_until timestamptz NOT NULL
    """,
}
OF_TENANT = "tenant_id uuid NOT NULL REFERENCES tenants (id)"
TENANT = {
    # One row a tenant: the order of its changes, and the head of its audit chain.
    "tenant_clock": f"""
        {OF_TENANT},
        epoch uuid NOT NULL,
        seq bigint NOT NULL DEFAULT 0,
        audit_n bigint NOT NULL DEFAULT 0,
        audit_head bytea NOT NULL,
        PRIMARY KEY (tenant_id)
    """,
    "tenant_settings": f"""
        {OF_TENANT},
        rev integer NOT NULL DEFAULT 1,
        body jsonb NOT NULL,
        changed_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id)
    """,
    "rooftops": f"""
        {OF_TENANT},
        id uuid NOT NULL,
        code text NOT NULL,
        name text NOT NULL,
        state text NOT NULL,
        active boolean NOT NULL DEFAULT true,
        rev integer NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        changed_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, id),
        UNIQUE (tenant_id, code)
    """,
    "users": f"""
        {OF_TENANT},
        id uuid NOT NULL,
        email text NOT NULL,
        name text NOT NULL,
        role text NOT NULL
            CHECK (role IN ('platform_admin', 'tenant_admin', 'manager', 'finance', 'sales', 'auditor')),
        status text NOT NULL CHECK (status IN ('active', 'disabled')),
        password_hash text NOT NULL,
        totp_sealed bytea,
        totp_on boolean NOT NULL DEFAULT false,
        totp_step bigint NOT NULL DEFAULT 0,
        failures integer NOT NULL DEFAULT 0,
        locked_until timestamptz,
        rev integer NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        changed_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, id),
        UNIQUE (tenant_id, email)
    """,
    "user_rooftops": f"""
        {OF_TENANT},
        user_id uuid NOT NULL,
        rooftop_id uuid NOT NULL,
        PRIMARY KEY (tenant_id, user_id, rooftop_id),
        FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id),
        FOREIGN KEY (tenant_id, rooftop_id) REFERENCES rooftops (tenant_id, id)
    """,
    "recovery_codes": f"""
        {OF_TENANT},
        user_id uuid NOT NULL,
        code_hash bytea NOT NULL,
        used_at timestamptz,
        PRIMARY KEY (tenant_id, user_id, code_hash),
        FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
    """,
    # Invitations of new people and new passwords for known ones: both are a secret that an admin hands over.
    "invitations": f"""
        {OF_TENANT},
        id uuid NOT NULL,
        kind text NOT NULL CHECK (kind IN ('invitation', 'reset')),
        email text NOT NULL,
        name text NOT NULL,
        role text NOT NULL,
        rooftop_ids uuid[] NOT NULL DEFAULT '{{}}',
        user_id uuid,
        token_hash bytea NOT NULL,
        created_by uuid,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        accepted_at timestamptz,
        revoked_at timestamptz,
        PRIMARY KEY (tenant_id, id)
    """,
    "devices": f"""
        {OF_TENANT},
        id uuid NOT NULL,
        user_id uuid NOT NULL,
        name text NOT NULL,
        wipe boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT now(),
        last_seen_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, user_id, id),
        FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
    """,
    "sessions": f"""
        {OF_TENANT},
        id uuid NOT NULL,
        user_id uuid NOT NULL,
        device_id uuid NOT NULL,
        address text NOT NULL,
        agent text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        last_used_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        revoked_at timestamptz,
        revoked_why text,
        PRIMARY KEY (tenant_id, id),
        FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
    """,
    "refresh_tokens": f"""
        {OF_TENANT},
        token_hash bytea NOT NULL,
        session_id uuid NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        used_at timestamptz,
        PRIMARY KEY (tenant_id, token_hash),
        FOREIGN KEY (tenant_id, session_id) REFERENCES sessions (tenant_id, id)
    """,
    "idempotency": f"""
        {OF_TENANT},
        user_id uuid NOT NULL,
        key text NOT NULL,
        fingerprint bytea NOT NULL,
        status integer,
        headers jsonb,
        body bytea,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, user_id, key)
    """,
    # Customers and deals: the document itself, and beside it what is searched and joined.
    "documents": f"""
        {OF_TENANT},
        id uuid NOT NULL,
        kind text NOT NULL CHECK (kind IN ('customer', 'deal')),
        schema_version integer NOT NULL,
        rev integer NOT NULL,
        seq bigint NOT NULL,
        deleted boolean NOT NULL DEFAULT false,
        body jsonb NOT NULL,
        title text NOT NULL,
        status text NOT NULL,
        rooftop_id uuid,
        owner_id uuid,
        assigned_ids uuid[] NOT NULL DEFAULT '{{}}',
        customer_id uuid,
        total bigint,
        differs boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT now(),
        created_by uuid NOT NULL,
        changed_at timestamptz NOT NULL DEFAULT now(),
        changed_by uuid NOT NULL,
        PRIMARY KEY (tenant_id, id),
        FOREIGN KEY (tenant_id, rooftop_id) REFERENCES rooftops (tenant_id, id),
        FOREIGN KEY (tenant_id, customer_id) REFERENCES documents (tenant_id, id)
    """,
    "revisions": f"""
        {OF_TENANT},
        doc_id uuid NOT NULL,
        rev integer NOT NULL,
        seq bigint NOT NULL,
        at timestamptz NOT NULL,
        by_user uuid NOT NULL,
        action text NOT NULL,
        deleted boolean NOT NULL,
        status text NOT NULL,
        body jsonb NOT NULL,
        PRIMARY KEY (tenant_id, doc_id, rev),
        FOREIGN KEY (tenant_id, doc_id) REFERENCES documents (tenant_id, id)
    """,
    "deal_differences": f"""
        {OF_TENANT},
        deal_id uuid NOT NULL,
        rev integer NOT NULL,
        figure text NOT NULL,
        shown bigint,
        computed bigint,
        at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, deal_id, rev, figure),
        FOREIGN KEY (tenant_id, deal_id) REFERENCES documents (tenant_id, id)
    """,
    # What a customer is found by: exact terms and three-letter pieces. Equality is leakproof, so this index is used
    # under row-level security where the operators of a text-search index are not.
    "search_terms": f"""
        {OF_TENANT},
        term text COLLATE "C" NOT NULL,
        doc_id uuid NOT NULL,
        PRIMARY KEY (tenant_id, term, doc_id),
        FOREIGN KEY (tenant_id, doc_id) REFERENCES documents (tenant_id, id)
    """,
    "audit": f"""
        {OF_TENANT},
        n bigint NOT NULL,
        at timestamptz NOT NULL,
        actor uuid,
        action text NOT NULL,
        kind text NOT NULL,
        object_id uuid,
        entry text NOT NULL,
        hash bytea NOT NULL,
        PRIMARY KEY (tenant_id, n)
    """,
}
INDEXES = (
    "CREATE INDEX documents_by_seq ON documents (tenant_id, seq)",
    "CREATE INDEX documents_by_created ON documents (tenant_id, kind, created_at, id)",
    "CREATE INDEX documents_by_customer ON documents (tenant_id, customer_id)",
    "CREATE INDEX documents_by_rooftop ON documents (tenant_id, rooftop_id, created_at)",
    "CREATE INDEX documents_by_changed ON documents (tenant_id, kind, changed_at)",
    "CREATE INDEX search_terms_by_document ON search_terms (tenant_id, doc_id)",
    "CREATE INDEX sessions_by_user ON sessions (tenant_id, user_id)",
    "CREATE INDEX refresh_tokens_by_session ON refresh_tokens (tenant_id, session_id)",
    "CREATE INDEX invitations_by_email ON invitations (tenant_id, email)",
    "CREATE INDEX audit_by_object ON audit (tenant_id, object_id, n)",
)
APPEND_ONLY = frozenset({"revisions", "deal_differences", "audit"})
PLATFORM = "00000000-0000-0000-0000-000000000001"


def upgrade() -> None:
    """Make the schema; `app_role` is the role that the application connects with."""
    app = context.config.attributes["app_role"]
    op.execute("SET LOCAL lock_timeout = '3s'")
    for name, columns in {**GLOBAL, **TENANT}.items():
        op.execute(f"CREATE TABLE {name} ({columns})")
    for statement in INDEXES:
        op.execute(statement)
    for name in TENANT:
        op.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY")
        # Inline, so that the planner sees a plain comparison with the leading key.
        mine = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid"
        op.execute(f"CREATE POLICY tenant ON {name} USING ({mine}) WITH CHECK ({mine})")
        rights = "SELECT, INSERT" if name in APPEND_ONLY else "SELECT, INSERT, UPDATE, DELETE"
        op.execute(f'GRANT {rights} ON {name} TO "{app}"')
    op.execute(f'GRANT SELECT, INSERT, UPDATE ON tenants TO "{app}"')
    op.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON signing_keys TO "{app}"')
    op.execute(f'GRANT SELECT ON alembic_version TO "{app}"')
    # The platform is a tenant too: its people sign in like all others, and its policies let them see nobody else.
    op.execute(f"SET LOCAL app.tenant_id = '{PLATFORM}'")
    op.execute(f"INSERT INTO tenants (id, slug, name, status) VALUES ('{PLATFORM}', 'platform', 'Platform', 'active')")
    op.execute(
        "INSERT INTO tenant_clock (tenant_id, epoch, audit_head) "
        f"VALUES ('{PLATFORM}', gen_random_uuid(), sha256('{PLATFORM}'::bytea))"
    )
    op.execute(f"INSERT INTO tenant_settings (tenant_id, body) VALUES ('{PLATFORM}', '{{}}')")
