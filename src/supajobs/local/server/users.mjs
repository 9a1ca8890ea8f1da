// Users as rows of auth.users, for what @supabase/lite 0.10 does not offer.

/** The columns of a user as the Auth API shows them. */
export const userColumns = (sql) => sql`
  id, aud, role, coalesce(email, '') as email, coalesce(phone, '') as phone, email_confirmed_at,
  confirmed_at, last_sign_in_at, raw_app_meta_data as app_metadata,
  raw_user_meta_data as user_metadata, '[]'::jsonb as identities, created_at, updated_at,
  is_anonymous`;

/** Insert a user; without address and phone it is an anonymous one. Answers with its row. */
export function insertUser(sql, { id, email, phone, password, email_confirm = true, ...metadata }) {
  const { app_metadata, user_metadata } = metadata;
  const provider = email ? { provider: "email", providers: ["email"] } : {};
  const identity = { sub: id, email, ...user_metadata };
  return sql.begin(async (transaction) => {
    const [user] = await transaction`
      insert into auth.users (
        id, email, phone, encrypted_password, email_confirmed_at,
        raw_app_meta_data, raw_user_meta_data, is_anonymous
      ) values (
        ${id}, ${email?.toLowerCase() ?? null}, ${phone ?? null}, ${await hash(sql, password)},
        case when ${email_confirm} then now() end,
        ${sql.json({ ...provider, ...app_metadata })}, ${sql.json(user_metadata ?? {})},
        ${!email && !phone}
      ) returning ${userColumns(sql)}`;
    if (email)
      await transaction`
        insert into auth.identities (id, provider, provider_id, user_id, identity_data)
        values (gen_random_uuid(), 'email', ${id}, ${id}, ${sql.json(identity)})`;
    return user;
  });
}

/** Change what is given; metadata is merged into what is there. Answers with no or one row. */
export async function updateUser(sql, id, { email, phone, password, app_metadata, user_metadata }) {
  return sql`
    update auth.users set
      email = coalesce(${email?.toLowerCase() ?? null}, email),
      phone = coalesce(${phone ?? null}, phone),
      encrypted_password = coalesce(${await hash(sql, password)}, encrypted_password),
      raw_app_meta_data = raw_app_meta_data || ${sql.json(app_metadata ?? {})},
      raw_user_meta_data = raw_user_meta_data || ${sql.json(user_metadata ?? {})},
      updated_at = now()
    where id::text = ${id} returning ${userColumns(sql)}`;
}

async function hash(sql, password) {
  if (!password) return null;
  const [row] = await sql`select extensions.crypt(${password}, extensions.gen_salt('bf')) as hash`;
  return row.hash;
}
