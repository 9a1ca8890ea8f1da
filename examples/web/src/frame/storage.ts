/** What the browser keeps of this page, where it lets it: else it is as if nothing had been kept. */

function attempt<Value>(use: (storage: Storage) => Value): Value | undefined {
  try {
    return use(localStorage)
  } catch {
    return undefined // it is full, or switched off: nothing that the page needs to go on
  }
}

export const readKept = (key: string): string | undefined =>
  attempt((storage) => storage.getItem(key) ?? undefined)

export const keep = (key: string, value: string): void =>
  attempt((storage) => storage.setItem(key, value))

export const forgetKept = (key: string): void => attempt((storage) => storage.removeItem(key))

export const listKept = (): string[] => attempt((storage) => Object.keys(storage)) ?? []

/** What was kept as JSON; what is no such thing any more is forgotten. */
export function readKeptJson<Value>(key: string): Value | undefined {
  try {
    return JSON.parse(readKept(key) ?? 'null') ?? undefined
  } catch {
    forgetKept(key)
    return undefined
  }
}
