/** What the server says, with `commands` as such. */
export function Told({ text }: { text: string }) {
  return text.split('`').map((part, place) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: a text stays in order
    place % 2 ? <code key={place}>{part}</code> : part,
  )
}
