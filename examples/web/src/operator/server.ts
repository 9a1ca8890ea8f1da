/** What the page asks of its server. The session is a cookie, which scripts do not see. */

import { ApiError, NoAnswerError, type Problem } from '@supajobs/client'
import { note, noteAway } from './connection.ts'

const API = '/dashboard/api/'
const SESSION = '/dashboard/session'
const MOST_MS = 20_000 // until an answer has come, or nobody answers

type Method = 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export function read<Answer>(path: string, signal: AbortSignal): Promise<Answer> {
  return send(API + path, { signal })
}

export function change<Answer = unknown>(method: Method, path: string, body: unknown = {}) {
  return send<Answer>(API + path, writeBody(method, body))
}

export async function signInWithSecret(secret: string): Promise<void> {
  await send(SESSION, writeBody('POST', { secret }))
  note({ isSignedOut: false })
}

export async function signInWithToken(token: string): Promise<void> {
  await send(SESSION, { method: 'POST', headers: { Authorization: `Bearer ${token}` } })
  note({ isSignedOut: false })
}

export async function signOut(): Promise<void> {
  await send(SESSION, writeBody('DELETE', {}))
  note({ isSignedOut: true })
}

function writeBody(method: Method, body: unknown): RequestInit {
  return {
    method,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  }
}

async function send<Answer>(address: string, request: RequestInit): Promise<Answer> {
  const limit = AbortSignal.timeout(MOST_MS)
  const signal = request.signal ? AbortSignal.any([request.signal, limit]) : limit
  try {
    return await exchange<Answer>(address, { ...request, signal })
  } catch (reason) {
    request.signal?.throwIfAborted()
    if (reason instanceof ApiError) {
      throw reason
    }
    noteAway()
    throw new NoAnswerError({ cause: reason })
  }
}

async function exchange<Answer>(address: string, request: RequestInit): Promise<Answer> {
  const answer = await fetch(address, request)
  if (answer.ok) {
    const value = answer.status === 204 ? undefined : await answer.json()
    note({ awaySince: undefined })
    return value
  }
  const isProblem = answer.headers.get('Content-Type')?.includes('problem+json')
  const problem: Partial<Problem> = isProblem ? await answer.json() : {}
  note({ awaySince: undefined })
  if (problem.code === 'dashboard_session_required') {
    note({ isSignedOut: true })
  }
  throw new ApiError(answer.status, problem, Number(answer.headers.get('Retry-After')) || null)
}
