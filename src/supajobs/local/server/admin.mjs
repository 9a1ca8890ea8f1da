// The admin user API (/auth/v1/admin/users), which @supabase/lite 0.10 does not have.

import { authError, json } from "./responses.mjs";
import { insertUser, updateUser, userColumns } from "./users.mjs";

/** Answer a request to /auth/v1/admin/users[/ID] that was sent with the secret key. */
export async function administerUsers(sql, request) {
  const url = new URL(request.url);
  const id = url.pathname.split("/")[5];
  const body = ["POST", "PUT"].includes(request.method) ? await request.json() : {};
  try {
    return id
      ? await administerOne(sql, request.method, id, body)
      : await administerAll(sql, request.method, url.searchParams, body);
  } catch (error) {
    if (error.code === "23505") return authError(422, "email_exists", "User already registered");
    throw error;
  }
}

async function administerAll(sql, method, query, body) {
  if (method === "POST") {
    if (!body.email && !body.phone)
      return authError(400, "validation_failed", "Cannot create a user without email or phone");
    const id = body.id ?? crypto.randomUUID();
    return json(await insertUser(sql, { email_confirm: false, ...body, id }));
  }
  const size = Number(query.get("per_page") || 50);
  const page = Number(query.get("page") || 1);
  const users = await sql`
    select ${userColumns(sql)} from auth.users order by created_at desc
    limit ${size} offset ${(page - 1) * size}`;
  return json({ aud: "authenticated", users });
}

async function administerOne(sql, method, id, body) {
  const [user] =
    method === "PUT"
      ? await updateUser(sql, id, body)
      : await sql`select ${userColumns(sql)} from auth.users where id::text = ${id}`;
  if (!user) return authError(404, "user_not_found", "User not found");
  if (method === "DELETE") await sql`delete from auth.users where id = ${user.id}`;
  return json(method === "DELETE" ? {} : user);
}
