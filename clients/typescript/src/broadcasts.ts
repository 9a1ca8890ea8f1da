import type { RealtimeChannel, SupabaseClient } from '@supabase/supabase-js'

/** Somebody who wants to hear of a job. */
interface Listener {
  id: string
  tell(): void
}

/** What one hears with, until it is ended. */
export interface Ear {
  readonly isJoined: boolean
  end(): void
}

const topics = new WeakMap<SupabaseClient, Map<string, Topic>>()

/**
 * Calls back when a job has changed, and when that may have been missed: when one joins the user's
 * topic, or loses it.
 */
export function listen(
  supabase: SupabaseClient,
  userId: string,
  id: string,
  tell: () => void,
): Ear {
  const known = topics.get(supabase) ?? new Map<string, Topic>()
  const topic = known.get(userId) ?? new Topic(supabase, userId)
  topics.set(supabase, known.set(userId, topic))
  return topic.listen({ id, tell })
}

/** A user's topic, joined once however many listen to it. */
class Topic {
  readonly #supabase: SupabaseClient
  readonly #name: string
  readonly #listeners = new Set<Listener>()
  #channel: RealtimeChannel | undefined
  #isJoined = false
  /** To join and to leave takes a while, and each is done when the other is over. */
  #settling = Promise.resolve()

  constructor(supabase: SupabaseClient, userId: string) {
    this.#supabase = supabase
    this.#name = `user:${userId}`
  }

  listen(listener: Listener): Ear {
    this.#listeners.add(listener)
    this.#settle()
    if (this.#isJoined) {
      listener.tell()
    }
    const isJoined = () => this.#isJoined
    return {
      get isJoined() {
        return isJoined()
      },
      end: () => {
        this.#listeners.delete(listener)
        this.#settle()
      },
    }
  }

  #settle(): void {
    this.#settling = this.#settling
      .then(async () => {
        const isWanted = this.#listeners.size > 0
        if (isWanted && !this.#channel) {
          await this.#join()
        } else if (!isWanted && this.#channel) {
          await this.#leave(this.#channel)
        }
      })
      // Without Realtime one looks from time to time.
      .catch(() => undefined)
  }

  async #join(): Promise<void> {
    // A private topic asks who one is.
    await this.#supabase.realtime.setAuth()
    this.#channel = this.#supabase
      .channel(this.#name, { config: { private: true } })
      .on('broadcast', { event: 'job' }, ({ payload }) => this.#tell(payload.id))
      .subscribe((status) => {
        const wasJoined = this.#isJoined
        this.#isJoined = status === 'SUBSCRIBED'
        if (this.#isJoined || wasJoined) {
          this.#tell()
        }
      })
  }

  async #leave(channel: RealtimeChannel): Promise<void> {
    this.#isJoined = false
    this.#channel = undefined
    await this.#supabase.removeChannel(channel)
  }

  #tell(id?: string): void {
    for (const listener of this.#listeners) {
      if (id === undefined || id === listener.id) {
        listener.tell()
      }
    }
  }
}
