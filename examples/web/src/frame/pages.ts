/** All that is on pages, from the first to the last. */
export async function collect<Row>(pages: AsyncIterable<Row[]>): Promise<Row[]> {
  const all: Row[] = []
  for await (const page of pages) {
    all.push(...page)
  }
  return all
}
